//! The resource types: where Terraform's words meet Graph's.
//!
//! One resource never uses another. What they share stands here: the session of one provider configuration, the
//! wording of Graph's errors, what is looked up and listed for many at once, and time limits.

pub mod atp_assignment;

mod graph_operation;
pub mod session;
mod sign_in;

mod deadline;
mod lookups;
mod policy_records;
pub mod report;
mod snapshot;
