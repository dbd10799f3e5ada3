//! The provider functions: pure, offline, on targets in the shape of the resources.
//!
//! Each function has a file. They share `parameters` (what goes in and out), `target_lists` (reading and checking
//! lists of targets), `contradictions` (between targets) and `problems` (the text of an error).

mod combine;
mod contradictions;
mod parameters;
mod policy_id;
mod problems;
mod target_lists;
mod targets;
mod with_filter;

pub use self::combine::Combine;
pub use self::policy_id::PolicyId;
pub use self::targets::Targets;
pub use self::with_filter::WithFilter;
