//! The applicability rules of a policy, and their conversion between Terraform and Graph.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use crate::graph::types::AtpConfiguration;
use crate::graph::types::atp_configuration::{OsEditionRule, OsVersionRule};
use crate::terraform::value::Value;

use super::names::{
    MAX_OS_VERSION, MIN_OS_VERSION, NAME, OS_EDITION, OS_EDITION_TYPES, OS_VERSION, RULE_TYPE,
};
use super::values::{optional, text};

/// Which devices a policy applies to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rules {
    /// Whether the attribute is set, even if it contains no rules.
    is_set: bool,
    /// The rule for editions of Windows.
    pub edition: Option<EditionRule>,
    /// The rule for versions of Windows.
    pub version: Option<VersionRule>,
}

/// A rule for editions of Windows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditionRule {
    name: Option<String>,
    editions: BTreeSet<String>,
    rule_type: Option<String>,
}

/// A rule for versions of Windows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionRule {
    name: Option<String>,
    min_version: Option<String>,
    max_version: Option<String>,
    rule_type: Option<String>,
}

impl Rules {
    pub(super) fn from_value(value: &Value) -> Self {
        let rule = |name| value.attribute(name).filter(|rule| !rule.is_null());
        Self {
            is_set: !value.is_null(),
            edition: rule(OS_EDITION).map(EditionRule::from_value),
            version: rule(OS_VERSION).map(VersionRule::from_value),
        }
    }

    pub(super) fn to_value(&self) -> Value {
        if !self.is_set {
            return Value::Null;
        }
        Value::object([
            (OS_EDITION, self.edition.as_ref().map_or(Value::Null, EditionRule::to_value)),
            (OS_VERSION, self.version.as_ref().map_or(Value::Null, VersionRule::to_value)),
        ])
    }

    /// The rules with the service's values. An attribute that is set stays set, even if the policy has no rules.
    pub(super) fn refreshed(&self, policy: &AtpConfiguration) -> Self {
        let edition = policy.os_edition_rule.as_ref().map(EditionRule::from_graph);
        let version = policy.os_version_rule.as_ref().map(VersionRule::from_graph);
        Self { is_set: self.is_set || edition.is_some() || version.is_some(), edition, version }
    }
}

impl EditionRule {
    fn from_value(value: &Value) -> Self {
        let editions = value.attribute(OS_EDITION_TYPES).and_then(Value::as_set);
        let editions = editions.into_iter().flat_map(|set| set.iter()).filter_map(Value::as_str);
        Self {
            name: text(value, NAME),
            editions: editions.map(str::to_owned).collect(),
            rule_type: text(value, RULE_TYPE),
        }
    }

    fn from_graph(rule: &OsEditionRule) -> Self {
        Self {
            name: rule.name.clone().filter(|name| !name.is_empty()),
            editions: rule.os_edition_types.iter().flatten().cloned().collect(),
            rule_type: rule.rule_type.clone(),
        }
    }

    fn to_value(&self) -> Value {
        Value::object([
            (NAME, optional(self.name.as_deref())),
            (OS_EDITION_TYPES, Value::set(self.editions.iter().map(Value::string))),
            (RULE_TYPE, optional(self.rule_type.as_deref())),
        ])
    }

    /// The rule for the body of a request.
    pub(super) fn to_json(&self) -> Json {
        json!({
            "@odata.type": "#microsoft.graph.deviceManagementApplicabilityRuleOsEdition",
            "name": self.name, "osEditionTypes": self.editions, "ruleType": self.rule_type,
        })
    }
}

impl VersionRule {
    fn from_value(value: &Value) -> Self {
        Self {
            name: text(value, NAME),
            min_version: text(value, MIN_OS_VERSION),
            max_version: text(value, MAX_OS_VERSION),
            rule_type: text(value, RULE_TYPE),
        }
    }

    fn from_graph(rule: &OsVersionRule) -> Self {
        Self {
            name: rule.name.clone().filter(|name| !name.is_empty()),
            min_version: rule.min_os_version.clone(),
            max_version: rule.max_os_version.clone(),
            rule_type: rule.rule_type.clone(),
        }
    }

    fn to_value(&self) -> Value {
        Value::object([
            (NAME, optional(self.name.as_deref())),
            (MIN_OS_VERSION, optional(self.min_version.as_deref())),
            (MAX_OS_VERSION, optional(self.max_version.as_deref())),
            (RULE_TYPE, optional(self.rule_type.as_deref())),
        ])
    }

    /// The rule for the body of a request.
    pub(super) fn to_json(&self) -> Json {
        json!({
            "@odata.type": "#microsoft.graph.deviceManagementApplicabilityRuleOsVersion",
            "name": self.name, "minOSVersion": self.min_version, "maxOSVersion": self.max_version,
            "ruleType": self.rule_type,
        })
    }
}
