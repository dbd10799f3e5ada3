//! The resource that manages the assignments of a policy: planning, reads, writes, diagnostics, and the guards that
//! keep a write from losing an assignment. The code is the same for all kinds of policy; [`kind::PolicyKind`] describes
//! what differs between them.
//!
//! [`resource`] maps Terraform's operations to the other files.

mod bulk_list;
mod create;
mod delete;
mod from_graph;
mod group_targets;
mod guard;
mod import;
pub(crate) mod kind;
mod live_read;
mod messages;
mod model;
mod names;
mod new_state;
pub(crate) mod observe;
mod operation_context;
mod overlap;
mod plan_guard;
mod planned_private;
mod planned_values;
mod planned_write;
mod policy;
mod policy_locks;
mod preflight;
mod read;
mod refusal;
mod resource;
pub(crate) mod schema;
pub(super) mod session_records;
mod severity;
mod spelling;
pub mod target_rules;
mod to_graph;
mod update;
mod validate;
pub mod validators;
mod write;
mod write_failure;

pub use self::model::{Assignment, Filter};
pub use self::names::{EXCLUSION_GROUP, GROUP};
pub use self::resource::AssignmentResource;
