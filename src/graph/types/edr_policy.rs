//! An endpoint detection and response (EDR) policy, a kind of `deviceManagementConfigurationPolicy`: the members that
//! Graph returns, and the values of its two settings. Has no member for the onboarding package,
//! which is a secret.

use serde::Deserialize;

use super::atp_configuration::Package;
use super::policy::TemplateReference;

/// The template family of EDR policies.
pub const EDR_TEMPLATE_FAMILY: &str = "endpointSecurityEndpointDetectionAndResponse";

/// The prefix of the definition ids of the Windows settings.
const DEFINITION_PREFIX: &str = "device_vendor_msft_windowsadvancedthreatprotection_";

/// A policy of the settings catalog ("deviceManagementConfigurationPolicy resource type", beta).
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EdrPolicy {
    /// GUID.
    pub id: String,
    /// Not unique.
    pub name: Option<String>,
    /// Null and an empty string mean the same.
    pub description: Option<String>,
    /// Ids of scope tags, in no particular order.
    pub role_scope_tag_ids: Option<Vec<String>>,
    /// The template that the policy was made from.
    pub template_reference: Option<TemplateReference>,
    /// The number of settings, even if the response does not contain them.
    pub setting_count: Option<usize>,
    /// The settings; `None` if the response does not contain them.
    pub settings: Option<Vec<PolicySetting>>,
    /// The link to the next page of settings, if there is a next page.
    #[serde(rename = "settings@odata.nextLink")]
    pub settings_next_link: Option<String>,
    /// RFC 3339, as received from Graph.
    pub created_date_time: Option<String>,
    /// RFC 3339, as received from Graph.
    pub last_modified_date_time: Option<String>,
}

/// A setting of a policy ("deviceManagementConfigurationSetting resource type", beta). Only choice settings have a
/// value here.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PolicySetting {
    setting_instance: Option<SettingInstance>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SettingInstance {
    setting_definition_id: Option<String>,
    choice_setting_value: Option<ChoiceValue>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct ChoiceValue {
    value: Option<String>,
}

impl EdrPolicy {
    /// Whether the policy is an EDR policy.
    pub fn is_edr(&self) -> bool {
        let family =
            self.template_reference.as_ref().and_then(|template| template.template_family.as_deref());
        family == Some(EDR_TEMPLATE_FAMILY)
    }

    /// Whether `settings` contains all settings of the policy.
    pub fn has_all_settings(&self) -> bool {
        let Some(settings) = &self.settings else { return false };
        self.settings_next_link.is_none() && self.setting_count.is_none_or(|count| count == settings.len())
    }

    /// The package, from the setting for the configuration type; `None` if its value is missing or unknown.
    pub fn package(&self) -> Option<Package> {
        match self.choice_value("configurationtype")? {
            "autofromconnector" => Some(Package::AutoFromConnector),
            "onboard" => Some(Package::Onboarding),
            "offboard" => Some(Package::Offboarding),
            _ => None,
        }
    }

    /// Which samples Defender may collect: `none` or `all`; `None` if the value of the setting is missing or unknown.
    pub fn sample_sharing(&self) -> Option<&'static str> {
        match self.choice_value("configuration_samplesharing")? {
            "0" => Some("none"),
            "1" => Some("all"),
            _ => None,
        }
    }

    /// The value of a choice setting, without the definition id that is its prefix.
    fn choice_value(&self, setting: &str) -> Option<&str> {
        let definition = format!("{DEFINITION_PREFIX}{setting}");
        let instances =
            self.settings.iter().flatten().filter_map(|setting| setting.setting_instance.as_ref());
        let mut instances = instances
            .filter(|instance| instance.setting_definition_id.as_deref() == Some(definition.as_str()));
        let value = instances.next()?.choice_setting_value.as_ref()?.value.as_deref()?;
        value.strip_prefix(&definition)?.strip_prefix('_')
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn package_and_sample_sharing_are_read_from_the_settings() {
        let choice = |setting: &str, value: &str| {
            json!({"settingInstance": {
                "settingDefinitionId": format!("{DEFINITION_PREFIX}{setting}"),
                "choiceSettingValue": {"value": format!("{DEFINITION_PREFIX}{setting}_{value}"), "children": []},
            }})
        };
        let policy: EdrPolicy = serde_json::from_value(json!({
            "id": "p", "settingCount": 2,
            "settings": [choice("configuration_samplesharing", "1"), choice("configurationtype", "offboard")],
        }))
        .unwrap();
        assert_eq!(policy.package(), Some(Package::Offboarding));
        assert_eq!(policy.sample_sharing(), Some("all"));
        assert!(policy.has_all_settings() && !policy.is_edr());
        assert!(!EdrPolicy { setting_count: Some(3), ..policy }.has_all_settings());
    }
}
