//! Graph's entities as serde types, under Graph's own names. Unknown members are passed over; what null, absent and
//! unknown kinds mean for state is settled in `resources`.

pub mod assignment;
pub mod assignment_filter;
pub mod device_configuration;
pub mod group;

pub use assignment::{Assignment, AssignmentTarget, TargetFilter, TargetKind};
pub use assignment_filter::AssignmentFilter;
pub use device_configuration::{DeviceConfiguration, ListedDeviceConfiguration};
pub use group::Group;

/// A type name of `@odata.type` without `#` and Graph's namespace: `#microsoft.graph.group` is `group`.
pub(crate) fn short_type_name(odata_type: &str) -> &str {
    let name = odata_type.strip_prefix('#').unwrap_or(odata_type);
    name.strip_prefix("microsoft.graph.").unwrap_or(name)
}
