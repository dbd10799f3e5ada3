//! Graph's entities as serde types. Their members keep Graph's names; unknown members are ignored. `resources` decides
//! what a null or absent member, or an unknown kind of target, means for the state.

pub mod assignment;
pub mod assignment_filter;
pub mod atp_configuration;
pub mod edr_policy;
pub mod group;
pub mod policy;
pub mod rollout;
pub mod threat_defense_connector;
mod type_name;

pub use assignment::{Assignment, AssignmentTarget, TargetFilter, TargetKind};
pub use assignment_filter::AssignmentFilter;
pub use atp_configuration::{AtpConfiguration, DeviceConfiguration, Package};
pub use edr_policy::{EDR_TEMPLATE_FAMILY, EdrPolicy, PolicySetting};
pub use group::Group;
pub use policy::{ListedPolicy, Policy, TemplateReference};
pub use rollout::{ConflictSummary, OnboardingStateSummary, StatusOverview};
pub use threat_defense_connector::ThreatDefenseConnector;
