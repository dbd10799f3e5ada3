//! Terraform's vocabulary: values and their types, paths, schemas, diagnostics, plan rules, and the traits that
//! resources, data sources and functions implement.
//!
//! `protocol` and the modules of resources, data sources and functions share these types. This module does no I/O,
//! reads no clock, and knows neither the wire format nor Graph.

pub mod number;
pub mod ty;
pub mod value;

pub mod attribute_path;
pub mod diagnostic;
pub mod duration;
pub mod element_errors;
pub mod schema;
pub mod validators;

pub mod plan;
pub mod validate;

pub mod data_source;
pub mod function;
pub mod managed_resource;
pub mod resource;
pub mod resource_requests;
pub mod stop;
