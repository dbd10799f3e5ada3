//! The settings of a policy of the settings catalog. They are stored as sent, except secrets: the service keeps a
//! secret and shows a token for it. Only the template for endpoint detection and response on Windows is modeled; a
//! policy of another template may have any settings.

use serde_json::{Map, Value, json};

use crate::emulator::member_reader::ShapeError;
use crate::emulator::random_id::random_guid;

const SECRET: &str = "#microsoft.graph.deviceManagementConfigurationSecretSettingValue";
const CHOICE: &str = "#microsoft.graph.deviceManagementConfigurationChoiceSettingInstance";
const PREFIX: &str = "device_vendor_msft_windowsadvancedthreatprotection_";

/// The two settings of the template: the name after [`PREFIX`], and its choices.
const CHOICES: [(&str, &[&str]); 2] = [
    ("configurationtype", &["autofromconnector", "onboard", "offboard"]),
    ("configuration_samplesharing", &["0", "1"]),
];

/// The longest secret.
const MAX_SECRET_CHARS: usize = 175_032;

/// The settings of one policy.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PolicySettings {
    settings: Vec<Value>,
    /// The tokens that were given out for the secrets of this policy.
    tokens: Vec<String>,
}

impl PolicySettings {
    /// Reads settings as sent. `before` are the policy's current ones, whose tokens may be sent back. `is_edr` is
    /// whether the policy has the modeled template.
    pub fn read(settings: Vec<Value>, before: &Self, is_edr: bool, at: &str) -> Result<Self, ShapeError> {
        let mut read = Self::default();
        for (index, mut setting) in settings.into_iter().enumerate() {
            let at = format!("{at}[{index}]");
            let instance = setting
                .get("settingInstance")
                .and_then(Value::as_object)
                .ok_or_else(|| ShapeError::new(&at, "A setting needs a 'settingInstance'."))?;
            if is_edr {
                check_template(instance, &at)?;
            }
            read.replace_secrets(&mut setting, before, &at)?;
            read.settings.push(setting);
        }
        Ok(read)
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.settings.len()
    }

    /// The settings as Graph shows them.
    pub fn render(&self) -> Vec<Map<String, Value>> {
        let numbered = self.settings.iter().enumerate();
        numbered
            .map(|(index, setting)| {
                let mut members = setting.as_object().cloned().unwrap_or_default();
                members.remove("@odata.type");
                members.insert("id".to_owned(), json!(index.to_string()));
                members
            })
            .collect()
    }

    /// Replaces each secret by a token, at any depth.
    fn replace_secrets(&mut self, value: &mut Value, before: &Self, at: &str) -> Result<(), ShapeError> {
        match value {
            Value::Array(items) => {
                items.iter_mut().try_for_each(|item| self.replace_secrets(item, before, at))
            }
            Value::Object(members) if members.get("@odata.type").and_then(Value::as_str) == Some(SECRET) => {
                let token = secret_token(members, before, at)?;
                members.insert("value".to_owned(), json!(token));
                members.insert("valueState".to_owned(), json!("encryptedValueToken"));
                self.tokens.push(token);
                Ok(())
            }
            Value::Object(members) => {
                members.values_mut().try_for_each(|member| self.replace_secrets(member, before, at))
            }
            _ => Ok(()),
        }
    }
}

/// A new token for a secret in clear text, or the token that was sent back.
fn secret_token(
    members: &Map<String, Value>,
    before: &PolicySettings,
    at: &str,
) -> Result<String, ShapeError> {
    let text = |name| members.get(name).and_then(Value::as_str);
    let refused = |text: &str| Err(ShapeError::new(at, text));
    match (text("value"), text("valueState")) {
        (Some(value), Some("notEncrypted")) if value.chars().count() <= MAX_SECRET_CHARS => Ok(random_guid()),
        (Some(_), Some("notEncrypted")) => refused("The value of a secret setting is too long."),
        (Some(token), Some("encryptedValueToken")) if before.tokens.iter().any(|known| known == token) => {
            Ok(token.to_owned())
        }
        (Some(_), Some("encryptedValueToken")) => refused("The token is not one of this policy."),
        _ => refused("A secret setting needs 'value' and 'valueState'."),
    }
}

/// Refuses settings that the template does not have, and values that they do not have.
fn check_template(instance: &Map<String, Value>, at: &str) -> Result<(), ShapeError> {
    let refused = |text: String| Err(ShapeError::new(at, text));
    let definition = instance.get("settingDefinitionId").and_then(Value::as_str).unwrap_or_default();
    let known = CHOICES.iter().find(|(name, _)| definition.strip_prefix(PREFIX) == Some(name));
    let Some((_, choices)) = known else {
        return refused(format!("The template does not have the setting '{definition}'."));
    };
    if instance.get("@odata.type").and_then(Value::as_str) != Some(CHOICE) {
        return refused(format!("The setting '{definition}' is a choice."));
    }
    let value = instance.get("choiceSettingValue").and_then(|choice| choice.get("value"));
    let value = value.and_then(Value::as_str).unwrap_or_default();
    let choice = value.strip_prefix(definition).and_then(|rest| rest.strip_prefix('_'));
    if choice.is_none_or(|choice| !choices.contains(&choice)) {
        return refused(format!("'{value}' is not a choice of the setting '{definition}'."));
    }
    Ok(())
}
