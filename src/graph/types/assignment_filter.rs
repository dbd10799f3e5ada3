//! `deviceAndAppManagementAssignmentFilter`: the members that the provider shows or checks. Does not evaluate the rule.

use serde::Deserialize;

/// An assignment filter ("deviceAndAppManagementAssignmentFilter resource type", beta).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AssignmentFilter {
    /// GUID.
    pub id: String,
    /// Not unique.
    pub display_name: Option<String>,
    /// The platform whose policies may use the filter, such as `windows10AndLater`.
    pub platform: Option<String>,
    /// `devices` or `apps`. A policy can only use a filter for devices. Absent in older filters.
    pub assignment_filter_management_type: Option<String>,
    /// The rule that selects devices, in Intune's filter syntax.
    pub rule: Option<String>,
}

impl AssignmentFilter {
    /// Whether the platform is Windows 10 and later.
    pub fn is_for_windows(&self) -> bool {
        self.platform.as_deref() == Some("windows10AndLater")
    }
}
