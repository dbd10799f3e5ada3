//! `deviceConfiguration`: the members of a policy that assignments need. Settings of the policy are not here.

use serde::Deserialize;

use super::{Assignment, short_type_name};

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
    /// Not unique; two policies may share a name.
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

/// A policy as the list of policies shows it, with its assignments expanded.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListedDeviceConfiguration {
    /// The derived type, `#microsoft.graph.…`.
    #[serde(rename = "@odata.type")]
    pub odata_type: Option<String>,
    /// GUID.
    pub id: String,
    /// Direct and inherited rows; `None` if the list does not show them.
    pub assignments: Option<Vec<Assignment>>,
    /// Where the rest of the rows is, if these are not all.
    #[serde(rename = "assignments@odata.nextLink")]
    pub further_assignments: Option<String>,
}

impl ListedDeviceConfiguration {
    /// Whether the list says that this is a policy which onboards devices to Defender for Endpoint.
    pub fn is_defender_atp(&self) -> bool {
        self.odata_type.as_deref().map(short_type_name) == Some(DEFENDER_ATP)
    }

    /// Whether it may be one: the list says so, or does not name the type.
    pub fn may_be_defender_atp(&self) -> bool {
        self.odata_type.is_none() || self.is_defender_atp()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_type_tells_a_defender_policy_from_others() {
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
