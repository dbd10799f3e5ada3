//! `deviceConfiguration`: the members of a policy that assignments need. Settings of the policy are not here.

use serde::Deserialize;

use super::short_type_name;

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
