//! What Intune reports about a rollout: the status of a policy, the onboarding state of all devices, conflicts.

use serde::Deserialize;

/// The number of devices in each status of a policy ("deviceConfigurationDeviceOverview resource type", beta).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StatusOverview {
    /// Devices that have not reported yet.
    pub pending_count: i64,
    /// Devices that have the policy.
    pub success_count: i64,
    /// Devices that reported an error.
    pub error_count: i64,
    /// Devices on which the policy failed.
    pub failed_count: i64,
    /// Devices on which another policy conflicts with this one.
    pub conflict_count: Option<i64>,
    /// Devices to which the policy does not apply.
    pub not_applicable_count: Option<i64>,
    /// RFC 3339, as received from Graph.
    pub last_update_date_time: Option<String>,
    /// The version of the policy to which the counts refer.
    pub configuration_version: Option<i64>,
}

/// How many devices of the tenant are onboarded ("advancedThreatProtectionOnboardingStateSummary resource type", beta).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OnboardingStateSummary {
    /// Onboarded devices.
    pub compliant_device_count: i64,
    /// Devices that are not onboarded.
    pub non_compliant_device_count: i64,
    /// Devices that reported an error.
    pub error_device_count: Option<i64>,
    /// Devices with conflicting settings.
    pub conflict_device_count: Option<i64>,
    /// Devices without a policy.
    pub not_assigned_device_count: Option<i64>,
    /// Devices that cannot be onboarded.
    pub not_applicable_device_count: Option<i64>,
    /// Devices that were corrected.
    pub remediated_device_count: Option<i64>,
    /// Devices whose state is unknown.
    pub unknown_device_count: Option<i64>,
}

/// Policies that conflict with each other ("deviceConfigurationConflictSummary resource type", beta).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConflictSummary {
    /// The conflicting policies.
    pub conflicting_device_configurations: Option<Vec<ConflictingPolicy>>,
    /// The settings for which the policies have different values.
    pub contributing_settings: Option<Vec<String>>,
    /// Number of device check-ins that the conflict affected.
    pub device_checkins_impacted: Option<i64>,
}

/// One of the policies of a conflict ("settingSource resource type", beta).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConflictingPolicy {
    /// GUID.
    pub id: Option<String>,
    /// Not unique.
    pub display_name: Option<String>,
}
