//! Graph's entities as serde types, under Graph's own names. Unknown members are ignored. What null, absent and unknown
//! kinds mean for state is decided in `resources`.

pub mod assignment;
pub mod assignment_filter;
pub mod group;
pub mod policy;
mod type_name;

pub use assignment::{Assignment, AssignmentTarget, TargetFilter, TargetKind};
pub use assignment_filter::AssignmentFilter;
pub use group::Group;
pub use policy::{ListedPolicy, Policy, TemplateReference};
