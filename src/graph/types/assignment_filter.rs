//! `deviceAndAppManagementAssignmentFilter`: the members that the provider shows or checks. Its rule is not evaluated.

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
    /// `devices` or `apps`; a policy can only use the former. Absent in older filters.
    pub assignment_filter_management_type: Option<String>,
    /// The rule, in the language of filters.
    pub rule: Option<String>,
}

impl AssignmentFilter {
    /// Whether its platform is Windows 10 and later.
    pub fn is_for_windows(&self) -> bool {
        self.platform.as_deref() == Some("windows10AndLater")
    }
}
