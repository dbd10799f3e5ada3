//! Graph's entities as serde types, under Graph's own names. Unknown members are ignored. What null, absent and unknown
//! kinds mean for state is decided in `resources`.

pub mod assignment;
pub mod assignment_filter;
pub mod device_configuration;
pub mod group;
mod type_name;

pub use assignment::{Assignment, AssignmentTarget, TargetFilter, TargetKind};
pub use assignment_filter::AssignmentFilter;
pub use device_configuration::{DeviceConfiguration, ListedDeviceConfiguration};
pub use group::Group;
