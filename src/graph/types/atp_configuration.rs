//! `windowsDefenderAdvancedThreatProtectionConfiguration`: the members that Graph returns. Does not keep the packages,
//! because they are secrets.

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, IgnoredAny};
use serde_json::value::RawValue;

use super::type_name::short_type_name;

/// The name of the derived type, without namespace.
pub const ATP_CONFIGURATION: &str = "windowsDefenderAdvancedThreatProtectionConfiguration";

/// A Defender for Endpoint onboarding policy ("windowsDefenderAdvancedThreatProtectionConfiguration resource type",
/// beta).
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AtpConfiguration {
    /// GUID.
    pub id: String,
    /// Not unique.
    pub display_name: Option<String>,
    /// Null and an empty string mean the same.
    pub description: Option<String>,
    /// Ids of scope tags, in no particular order.
    pub role_scope_tag_ids: Option<Vec<String>>,
    /// Whether Defender may collect samples of files.
    pub allow_sample_sharing: Option<bool>,
    /// Deprecated: the service ignores it on new devices.
    pub enable_expedited_telemetry_reporting: Option<bool>,
    /// Whether Intune uses the onboarding package that the connector supplies.
    #[serde(rename = "advancedThreatProtectionAutoPopulateOnboardingBlob")]
    pub auto_populate_onboarding_blob: Option<bool>,
    #[serde(rename = "advancedThreatProtectionOnboardingBlob")]
    onboarding_blob: Option<IgnoredAny>,
    #[serde(rename = "advancedThreatProtectionOnboardingFilename")]
    onboarding_filename: Option<String>,
    #[serde(rename = "advancedThreatProtectionOffboardingBlob")]
    offboarding_blob: Option<IgnoredAny>,
    #[serde(rename = "advancedThreatProtectionOffboardingFilename")]
    offboarding_filename: Option<String>,
    /// The editions of Windows to which the policy applies.
    #[serde(rename = "deviceManagementApplicabilityRuleOsEdition")]
    pub os_edition_rule: Option<OsEditionRule>,
    /// The versions of Windows to which the policy applies.
    #[serde(rename = "deviceManagementApplicabilityRuleOsVersion")]
    pub os_version_rule: Option<OsVersionRule>,
    /// Increases with each change.
    pub version: Option<i64>,
    /// RFC 3339, as received from Graph.
    pub created_date_time: Option<String>,
    /// RFC 3339, as received from Graph.
    pub last_modified_date_time: Option<String>,
}

/// A rule that limits a policy to editions of Windows ("deviceManagementApplicabilityRuleOsEdition resource type",
/// beta).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OsEditionRule {
    /// The name of the rule.
    pub name: Option<String>,
    /// Such as `windows10Enterprise`.
    pub os_edition_types: Option<Vec<String>>,
    /// `include` or `exclude`.
    pub rule_type: Option<String>,
}

/// A rule that limits a policy to versions of Windows ("deviceManagementApplicabilityRuleOsVersion resource type",
/// beta).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OsVersionRule {
    /// The name of the rule.
    pub name: Option<String>,
    /// The lowest version.
    #[serde(rename = "minOSVersion")]
    pub min_os_version: Option<String>,
    /// The highest version.
    #[serde(rename = "maxOSVersion")]
    pub max_os_version: Option<String>,
    /// `include` or `exclude`.
    pub rule_type: Option<String>,
}

/// The package of a policy, which determines whether the policy onboards or offboards devices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Package {
    /// Onboards devices with the package that the connector supplies.
    AutoFromConnector,
    /// Onboards devices with a package that an administrator has uploaded.
    Onboarding,
    /// Offboards devices.
    Offboarding,
}

impl Package {
    /// The value of the attribute `package`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AutoFromConnector => "auto_from_connector",
            Self::Onboarding => "onboarding",
            Self::Offboarding => "offboarding",
        }
    }
}

impl AtpConfiguration {
    /// The package; `None` if the policy has no package.
    pub fn package(&self) -> Option<Package> {
        if self.auto_populate_onboarding_blob == Some(true) {
            return Some(Package::AutoFromConnector);
        }
        let offboards = self.offboarding_blob.is_some() || self.offboarding_filename.is_some();
        let onboards = self.onboarding_blob.is_some() || self.onboarding_filename.is_some();
        match (onboards, offboards) {
            (true, _) => Some(Package::Onboarding),
            (false, true) => Some(Package::Offboarding),
            (false, false) => None,
        }
    }

    /// The file name of the package that the policy uses.
    pub fn package_filename(&self) -> Option<&str> {
        match self.package()? {
            Package::AutoFromConnector => None,
            Package::Onboarding => self.onboarding_filename.as_deref(),
            Package::Offboarding => self.offboarding_filename.as_deref(),
        }
    }
}

/// An element of the list of device configurations. A policy that is not an onboarding policy is reduced to its type.
#[derive(Debug, Clone, PartialEq)]
pub enum DeviceConfiguration {
    /// An onboarding policy.
    Atp(Box<AtpConfiguration>),
    /// A policy of another type.
    Other {
        /// The name of the derived type without namespace; `None` if Graph returned no type.
        type_name: Option<String>,
    },
}

/// Decodes by `@odata.type`, because other types have members with the same names.
impl<'de> Deserialize<'de> for DeviceConfiguration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct TypeOnly {
            #[serde(rename = "@odata.type")]
            odata_type: Option<String>,
        }
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let TypeOnly { odata_type } = serde_json::from_str(raw.get()).map_err(D::Error::custom)?;
        match odata_type.as_deref().map(short_type_name) {
            Some(ATP_CONFIGURATION) => {
                serde_json::from_str(raw.get()).map(Self::Atp).map_err(D::Error::custom)
            }
            other => Ok(Self::Other { type_name: other.map(str::to_owned) }),
        }
    }
}

impl DeviceConfiguration {
    /// The onboarding policy; `None` for a policy of another type.
    pub fn into_atp(self) -> Option<AtpConfiguration> {
        match self {
            Self::Atp(configuration) => Some(*configuration),
            Self::Other { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn configuration(members: &Value) -> DeviceConfiguration {
        let mut policy = json!({"id": "p", "@odata.type": format!("#microsoft.graph.{ATP_CONFIGURATION}")});
        policy.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        serde_json::from_str(&policy.to_string()).unwrap()
    }

    #[test]
    fn the_package_is_derived_from_the_returned_members() {
        let package =
            |members: Value| configuration(&members).into_atp().unwrap().package().map(Package::as_str);
        assert_eq!(package(json!({})), None);
        assert_eq!(
            package(json!({"advancedThreatProtectionAutoPopulateOnboardingBlob": true})),
            Some("auto_from_connector")
        );
        assert_eq!(package(json!({"advancedThreatProtectionOnboardingBlob": "<x/>"})), Some("onboarding"));
        assert_eq!(
            package(json!({"advancedThreatProtectionOffboardingFilename": "a.offboarding"})),
            Some("offboarding")
        );
    }

    #[test]
    fn only_the_type_of_another_policy_is_decoded() {
        let other = configuration(&json!({"@odata.type": "#microsoft.graph.x", "allowSampleSharing": "odd"}));
        assert_eq!(other, DeviceConfiguration::Other { type_name: Some("x".into()) });
    }
}
