//! `deviceManagementConfigurationPolicy` of the family for endpoint detection and response: the members that Graph
//! shows, and what its two settings say. Secrets are not kept.

use serde::Deserialize;

use super::atp_configuration::Package;
use super::policy::TemplateReference;

/// The family of the templates that such policies are made from.
pub const EDR_TEMPLATE_FAMILY: &str = "endpointSecurityEndpointDetectionAndResponse";

/// The prefix of the definitions of the settings of Windows.
const SETTING: &str = "device_vendor_msft_windowsadvancedthreatprotection_";

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
    /// The template.
    pub template_reference: Option<TemplateReference>,
    /// The number of settings, whether they are expanded or not.
    pub setting_count: Option<usize>,
    /// The settings; `None` if they are not expanded.
    pub settings: Option<Vec<PolicySetting>>,
    /// The link to the other settings, if these are not all.
    #[serde(rename = "settings@odata.nextLink")]
    pub further_settings: Option<String>,
    /// As Graph writes it, RFC 3339.
    pub created_date_time: Option<String>,
    /// As Graph writes it, RFC 3339.
    pub last_modified_date_time: Option<String>,
}

/// A setting of a policy ("deviceManagementConfigurationSetting resource type", beta), as far as it is a choice.
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
    /// Whether the policy is of the family.
    pub fn is_edr(&self) -> bool {
        let family =
            self.template_reference.as_ref().and_then(|template| template.template_family.as_deref());
        family == Some(EDR_TEMPLATE_FAMILY)
    }

    /// Whether the list has shown all settings.
    pub fn has_all_settings(&self) -> bool {
        let Some(settings) = &self.settings else { return false };
        self.further_settings.is_none() && self.setting_count.is_none_or(|count| count == settings.len())
    }

    /// What the policy does with devices; `None` if its settings do not say.
    pub fn package(&self) -> Option<Package> {
        match self.choice("configurationtype")? {
            "autofromconnector" => Some(Package::AutoFromConnector),
            "onboard" => Some(Package::Onboarding),
            "offboard" => Some(Package::Offboarding),
            _ => None,
        }
    }

    /// Which samples Defender may collect: `none` or `all`; `None` if its settings do not say.
    pub fn sample_sharing(&self) -> Option<&'static str> {
        match self.choice("configuration_samplesharing")? {
            "0" => Some("none"),
            "1" => Some("all"),
            _ => None,
        }
    }

    /// The value of a choice without the name of its setting.
    fn choice(&self, setting: &str) -> Option<&str> {
        let definition = format!("{SETTING}{setting}");
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
    fn settings_say_what_the_policy_does() {
        let choice = |setting: &str, value: &str| {
            json!({"settingInstance": {
                "settingDefinitionId": format!("{SETTING}{setting}"),
                "choiceSettingValue": {"value": format!("{SETTING}{setting}_{value}"), "children": []},
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
