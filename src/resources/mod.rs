//! The resource types, which map Terraform's attributes to Graph's objects.
//!
//! One resource never uses another. They share what is in this folder: the session of one provider configuration, the
//! diagnostics for Graph's errors, time limits, and the engine of assignments that all kinds of policy have in common.
//! Data sources use it too.

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
