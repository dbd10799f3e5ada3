//! The typed state of the resource. The state never contains the package itself.

use std::collections::BTreeSet;

use crate::graph::types::{AtpConfiguration, Package};
use crate::resources::timeouts::{TIMEOUTS, Timeouts};
use crate::terraform::diagnostic::Diagnostic;
use crate::terraform::number::Number;
use crate::terraform::resource::Model;
use crate::terraform::value::Value;

use super::names::{
    ALLOW_SAMPLE_SHARING, APPLICABILITY_RULES, BLOB, BLOB_VERSION, CREATED, DESCRIPTION, DISPLAY_NAME,
    EXPEDITED_TELEMETRY, FILENAME, FORCE_DESTROY, ID, LAST_MODIFIED, PACKAGE, SCOPE_TAGS, VERSION,
};
use super::rules::Rules;
use super::values::{optional, text};

/// A state or a planned state.
#[derive(Debug, Clone, PartialEq)]
pub struct ConfigurationModel {
    /// The policy's id; `None` before it is created.
    pub id: Option<String>,
    /// The policy's name.
    pub display_name: String,
    /// Null and an empty string mean the same.
    pub description: Option<String>,
    /// The ids of scope tags; `None` if they are unknown.
    pub role_scope_tag_ids: Option<BTreeSet<String>>,
    /// Whether Defender may collect samples of files; `None` if it is unknown.
    pub allow_sample_sharing: Option<bool>,
    /// Whether devices report more often; `None` if it is unknown.
    pub expedited_telemetry: Option<bool>,
    /// Where the package comes from and what it does: `onboarding`, `offboarding` or `auto_from_connector`. `None` at the
    /// start of an import.
    pub package: Option<String>,
    /// A number that the user changes to send the package again, or null.
    pub blob_version: Value,
    /// The file name of the package.
    pub package_filename: Option<String>,
    /// Which devices the policy applies to.
    pub rules: Rules,
    /// Whether a destroy deletes a policy that is assigned.
    pub force_destroy: Option<bool>,
    /// The version and dates that Graph sets.
    pub revision: Revision,
    /// The `timeouts` block.
    pub timeouts: Timeouts,
}

/// The version and dates that Graph sets. `None` means unknown.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Revision {
    /// Increases with each change.
    pub version: Option<i64>,
    /// When the policy was created, in RFC 3339.
    pub created: Option<String>,
    /// When the policy was last changed, in RFC 3339.
    pub last_modified: Option<String>,
}

impl Model for ConfigurationModel {
    fn from_value(value: &Value) -> Result<Self, Diagnostic> {
        let display_name = text(value, DISPLAY_NAME).ok_or_else(invalid_state)?;
        let boolean = |name| value.attribute(name).and_then(Value::as_bool);
        Ok(Self {
            id: text(value, ID),
            display_name,
            description: text(value, DESCRIPTION),
            role_scope_tag_ids: value.attribute(SCOPE_TAGS).and_then(string_set),
            allow_sample_sharing: boolean(ALLOW_SAMPLE_SHARING),
            expedited_telemetry: boolean(EXPEDITED_TELEMETRY),
            package: text(value, PACKAGE),
            blob_version: value.attribute(BLOB_VERSION).cloned().unwrap_or(Value::Null),
            package_filename: text(value, FILENAME),
            rules: Rules::from_value(value.attribute(APPLICABILITY_RULES).unwrap_or(&Value::Null)),
            force_destroy: boolean(FORCE_DESTROY),
            revision: Revision {
                version: value.attribute(VERSION).and_then(integer),
                created: text(value, CREATED),
                last_modified: text(value, LAST_MODIFIED),
            },
            timeouts: Timeouts::from_state(value),
        })
    }

    fn to_value(&self) -> Value {
        let boolean = |value: Option<bool>| value.map_or(Value::Null, Value::Bool);
        let tags = self.role_scope_tag_ids.as_ref();
        let version = self.revision.version.map(|version| Value::Number(Number::from(version)));
        Value::object([
            (ID, optional(self.id.as_deref())),
            (DISPLAY_NAME, Value::string(&self.display_name)),
            (DESCRIPTION, optional(self.description.as_deref())),
            (SCOPE_TAGS, tags.map_or(Value::Null, |tags| Value::set(tags.iter().map(Value::string)))),
            (ALLOW_SAMPLE_SHARING, boolean(self.allow_sample_sharing)),
            (EXPEDITED_TELEMETRY, boolean(self.expedited_telemetry)),
            (PACKAGE, optional(self.package.as_deref())),
            (BLOB, Value::Null),
            (BLOB_VERSION, self.blob_version.clone()),
            (FILENAME, optional(self.package_filename.as_deref())),
            (APPLICABILITY_RULES, self.rules.to_value()),
            (FORCE_DESTROY, boolean(self.force_destroy)),
            (VERSION, version.unwrap_or(Value::Null)),
            (CREATED, optional(self.revision.created.as_deref())),
            (LAST_MODIFIED, optional(self.revision.last_modified.as_deref())),
            (TIMEOUTS, self.timeouts.to_value()),
        ])
    }
}

impl ConfigurationModel {
    /// A state that has only the policy's id. An import starts with it.
    pub fn from_policy_id(id: String) -> Self {
        Self {
            id: Some(id),
            display_name: String::new(),
            description: None,
            role_scope_tag_ids: None,
            allow_sample_sharing: None,
            expedited_telemetry: None,
            package: None,
            blob_version: Value::Null,
            package_filename: None,
            rules: Rules::default(),
            force_destroy: None,
            revision: Revision::default(),
            timeouts: Timeouts::default(),
        }
    }

    /// The state with the service's values. If the policy has no description, a null or empty description stays as
    /// configured, because both mean the same.
    pub fn refreshed(self, policy: &AtpConfiguration) -> Self {
        let description = policy.description.clone().filter(|text| !text.is_empty());
        let is_still_empty = description.is_none() && self.description.as_deref() == Some("");
        Self {
            id: self.id.or_else(|| Some(policy.id.to_ascii_lowercase())),
            display_name: policy.display_name.clone().unwrap_or_default(),
            description: if is_still_empty { self.description } else { description },
            role_scope_tag_ids: policy.role_scope_tag_ids.as_ref().map(|ids| ids.iter().cloned().collect()),
            allow_sample_sharing: policy.allow_sample_sharing,
            expedited_telemetry: policy.enable_expedited_telemetry_reporting,
            // If a policy has no package, its onboarding package has not been uploaded yet.
            package: Some(policy.package().unwrap_or(Package::Onboarding).as_str().to_owned()),
            package_filename: policy.package_filename().map(str::to_owned),
            rules: self.rules.refreshed(policy),
            revision: Revision {
                version: policy.version,
                created: policy.created_date_time.clone(),
                last_modified: policy.last_modified_date_time.clone(),
            },
            ..self
        }
    }

    /// The state after a create or update: the planned values, and the service's values for attributes that were
    /// unknown in the plan.
    pub fn applied(self, policy: &AtpConfiguration) -> Self {
        let refreshed = self.clone().refreshed(policy);
        Self {
            id: self.id.or(refreshed.id),
            role_scope_tag_ids: self.role_scope_tag_ids.or(refreshed.role_scope_tag_ids),
            allow_sample_sharing: self.allow_sample_sharing.or(refreshed.allow_sample_sharing),
            expedited_telemetry: self.expedited_telemetry.or(refreshed.expedited_telemetry),
            revision: Revision {
                created: self.revision.created.or(refreshed.revision.created),
                ..refreshed.revision
            },
            ..self
        }
    }

    /// Whether the policy has the values that were sent. The content of the package cannot be compared,
    /// because Graph shows it only in encrypted form.
    pub fn matches(&self, policy: &AtpConfiguration) -> bool {
        self.clone().applied(policy).comparable() == self.clone().refreshed(policy).comparable()
    }

    /// The model without the values that the service sets itself.
    fn comparable(self) -> Self {
        let description = self.description.filter(|text| !text.is_empty());
        Self { description, revision: Revision::default(), ..self }
    }
}

fn string_set(set: &Value) -> Option<BTreeSet<String>> {
    let set = set.as_set()?;
    Some(set.iter().filter_map(Value::as_str).map(str::to_owned).collect())
}

fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        _ => None,
    }
}

fn invalid_state() -> Diagnostic {
    Diagnostic::error(
        "The state of defender_atp_configuration cannot be used",
        "In the state from Terraform, display_name has no value. If the state was not edited by hand, this is a bug \
         in the provider; please report it with the provider's version. Nothing was changed.",
    )
}
