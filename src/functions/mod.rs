//! The provider functions. They are pure and work offline. Their targets have the shape of the attribute `assignments`.
//!
//! Each function has a file. They share `parameters` (types of parameters and results), `target_lists` (reads and
//! checks lists of targets), `contradictions` (finds targets that contradict each other) and `problems` (the text of
//! an error).

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
