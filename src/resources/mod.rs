//! The resource types, which map Terraform's attributes to Graph's objects.
//!
//! One resource never uses another. They share what is in this folder: the session of one provider configuration, the
//! diagnostics for Graph's errors, time limits, and what a session knows about assignments.

mod assignments;
pub mod atp_assignment;

mod deadline;
mod graph_operation;
pub mod report;
pub mod session;
mod sign_in;
