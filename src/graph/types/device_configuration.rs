//! `deviceConfiguration`: the members of a policy that are needed to manage its assignments, without its settings.

use serde::Deserialize;

use super::assignment::Assignment;
use super::type_name::short_type_name;

const DEFENDER_ATP: &str = "windowsDefenderAdvancedThreatProtectionConfiguration";

/// An Intune device configuration policy ("deviceConfiguration resource type").
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeviceConfiguration {
    /// The derived type, `#microsoft.graph.…`.
    #[serde(rename = "@odata.type")]
    pub odata_type: Option<String>,
    /// GUID.
    pub id: String,
    /// Not unique.
    pub display_name: Option<String>,
}

impl DeviceConfiguration {
    /// Whether this is the policy that onboards devices to Defender for Endpoint.
    pub fn is_defender_atp(&self) -> bool {
        self.type_name() == Some(DEFENDER_ATP)
    }

    /// The derived type without namespace, for a message.
    pub fn type_name(&self) -> Option<&str> {
        self.odata_type.as_deref().map(short_type_name)
    }
}

/// A policy in the list of all policies, with its assignments expanded.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListedDeviceConfiguration {
    /// The derived type, `#microsoft.graph.…`.
    #[serde(rename = "@odata.type")]
    pub odata_type: Option<String>,
    /// GUID.
    pub id: String,
    /// Direct and inherited rows; `None` if the list does not contain them.
    pub assignments: Option<Vec<Assignment>>,
    /// The link to the remaining rows, if these are not all.
    #[serde(rename = "assignments@odata.nextLink")]
    pub further_assignments: Option<String>,
}

impl ListedDeviceConfiguration {
    /// Whether this is a policy that onboards devices to Defender for Endpoint.
    pub fn is_defender_atp(&self) -> bool {
        self.odata_type.as_deref().map(short_type_name) == Some(DEFENDER_ATP)
    }

    /// Like [`Self::is_defender_atp`], but also true if the list does not name the type.
    pub fn may_be_defender_atp(&self) -> bool {
        self.odata_type.is_none() || self.is_defender_atp()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_the_type_identifies_a_defender_policy() {
        for (odata_type, expected) in [
            (Some("#microsoft.graph.windowsDefenderAdvancedThreatProtectionConfiguration"), true),
            (Some("microsoft.graph.windowsDefenderAdvancedThreatProtectionConfiguration"), true),
            (Some("#microsoft.graph.windows10CustomConfiguration"), false),
            (None, false),
        ] {
            let body =
                json!({"@odata.type": odata_type, "id": "p", "displayName": "Onboarding", "version": 3});
            let policy: DeviceConfiguration = serde_json::from_value(body).unwrap();
            assert_eq!(policy.is_defender_atp(), expected, "{odata_type:?}");
        }
    }
}
