//! The resource types, which map Terraform's attributes to Graph's objects.
//!
//! One resource type never uses another. They share the files of this folder: the session of one provider
//! configuration, the diagnostics for Graph's errors, and time limits. [`assignments`] implements the resource types
//! for assignments of all kinds of policy. Data sources use these files, too.

pub(crate) mod assignments;
pub mod atp_assignment;
pub mod atp_configuration;
pub mod edr_assignment;

pub(crate) mod deadline;
pub(crate) mod graph_operation;
pub mod report;
mod reported_causes;
pub mod session;
pub(crate) mod shared_list;
mod sign_in;
pub(crate) mod tenant_lists;
pub(crate) mod timeouts;
