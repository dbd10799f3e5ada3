//! Graph's entities as serde types, with the members under Graph's names. Unknown members are ignored. What a null or absent
//! member, or an unknown kind of target, means for the state is decided in `resources`.

pub mod assignment;
pub mod assignment_filter;
pub mod group;
pub mod policy;
mod type_name;

pub use assignment::{Assignment, AssignmentTarget, TargetFilter, TargetKind};
pub use assignment_filter::AssignmentFilter;
pub use group::Group;
pub use policy::{ListedPolicy, Policy, TemplateReference};
