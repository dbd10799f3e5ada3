//! Terraform's vocabulary: values and their types, paths, schemas, diagnostics, plan rules, and the trait that a
//! resource fulfils.
//!
//! Spoken between `protocol` and `resources`. Does no I/O, reads no clock, and knows neither the wire nor Graph.

pub mod attribute_path;
pub mod diagnostic;
pub mod number;
pub mod ty;
pub mod value;
