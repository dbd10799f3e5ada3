//! The resource types, which map Terraform's attributes to Graph's objects.
//!
//! One resource never uses another. They share what is in this folder: the session of one provider configuration, the
//! diagnostics for Graph's errors, time limits, and the engine of assignments that all kinds of policy have in common.

pub(crate) mod assignments;
pub mod atp_assignment;
pub mod edr_assignment;

mod deadline;
mod graph_operation;
pub mod report;
pub mod session;
mod sign_in;
