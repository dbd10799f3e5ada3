//! The plan rules that follow from a schema, as pure functions.
//!
//! They run in the order of terraform-plugin-framework: start from the proposed new state, apply defaults, remove
//! write-only values, keep prior spellings, mark computed attributes as unknown, then restore prior values that will
//! not change. The result depends on the inputs only, because Terraform plans again during apply and compares.

use std::collections::BTreeMap;

use super::attribute_path::AttributePath;
use super::schema::{Attribute, AttributeShape, Block, Modifier, Nesting, Presence, Schema};
use super::value::{SetValue, Value};

/// A planned state under construction.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The configuration, an object.
    pub config: Value,
    /// The prior state; null for a create.
    pub prior: Value,
    /// The planned state, an object that may contain unknown values.
    pub planned: Value,
    /// The attributes whose change replaces the object.
    pub requires_replace: Vec<AttributePath>,
}

impl Plan {
    /// Applies the schema's plan rules to the proposed new state.
    pub fn new(schema: &Schema, config: Value, prior: Value, proposed: Value) -> Self {
        let empty = BTreeMap::new();
        let configured = config.as_object().unwrap_or(&empty);
        let mut planned = proposed;
        if let Value::Object(values) = &mut planned {
            apply_block_configuration(&schema.block, configured, values);
            keep_prior_spelling(&schema.block, &prior, values);
        }
        if planned != prior
            && let Value::Object(values) = &mut planned
        {
            mark_computed_unknown(&schema.block.attributes, configured, values);
            keep_prior_for_unknown(&schema.block.attributes, configured, &prior, values);
        }
        let requires_replace = attributes_requiring_replace(&schema.block, &prior, &planned);
        Self { config, prior, planned, requires_replace }
    }

    /// Whether the plan creates the object.
    pub fn is_create(&self) -> bool {
        self.prior.is_null()
    }

    /// Whether the planned value of a root attribute differs from the prior state. Always true for a create.
    pub fn changes(&self, name: &str) -> bool {
        self.is_create() || self.planned.attribute(name) != self.prior.attribute(name)
    }

    /// The planned value of a root attribute; null if it has none.
    pub fn planned(&self, name: &str) -> &Value {
        self.planned.attribute(name).unwrap_or(&Value::Null)
    }

    /// Sets the planned value of a root attribute.
    pub fn set(&mut self, name: &str, value: Value) {
        if let Value::Object(planned) = &mut self.planned {
            planned.insert(name.to_owned(), value);
        }
    }

    /// Sets the planned value of a root attribute to its prior value, if there is a prior state.
    pub fn keep_prior(&mut self, name: &str) {
        let prior = self.prior.attribute(name).filter(|prior| self.planned.attribute(name) != Some(prior));
        if let Some(value) = prior.cloned() {
            self.set(name, value);
        }
    }
}

/// Applies defaults and removes write-only values and omitted single blocks, at every level.
fn apply_block_configuration(
    block: &Block,
    config: &BTreeMap<String, Value>,
    planned: &mut BTreeMap<String, Value>,
) {
    apply_attribute_configuration(&block.attributes, config, planned);
    for nested in block.blocks.iter().filter(|nested| nested.nesting == Nesting::Single) {
        match (config.get(nested.name), planned.get_mut(nested.name)) {
            (Some(Value::Object(config)), Some(Value::Object(planned))) => {
                apply_block_configuration(&nested.block, config, planned);
            }
            // Terraform 1.0 to 1.2 propose the prior block if the configuration has none.
            (None | Some(Value::Null), Some(planned)) => *planned = Value::Null,
            _ => {}
        }
    }
}

fn apply_attribute_configuration(
    attributes: &[Attribute],
    config: &BTreeMap<String, Value>,
    planned: &mut BTreeMap<String, Value>,
) {
    for_each_attribute(attributes, config, planned, |attribute, configured, value| {
        match &attribute.presence {
            Presence::Default(default) if configured.is_null() => *value = default.clone(),
            _ if attribute.write_only => *value = Value::Null,
            _ => {}
        }
        if let AttributeShape::Nested(_, inner) = &attribute.shape
            && has_any(inner, has_default_or_is_write_only)
        {
            for_each_object(configured, value, &mut |config, planned| {
                apply_attribute_configuration(inner, config, planned);
            });
        }
    });
}

fn has_default_or_is_write_only(attribute: &Attribute) -> bool {
    attribute.write_only || matches!(attribute.presence, Presence::Default(_))
}

fn keep_prior_spelling(block: &Block, prior: &Value, planned: &mut BTreeMap<String, Value>) {
    for attribute in &block.attributes {
        let (Some(value), Some(prior)) = (planned.get_mut(attribute.name), prior.attribute(attribute.name))
        else {
            continue;
        };
        for modifier in &attribute.modifiers {
            if let Modifier::PriorSpelling(respell) = modifier
                && let Some(respelled) = respell(value, prior)
            {
                *value = respelled;
            }
        }
    }
}

/// Marks omitted computed attributes as unknown, at every level of nested attributes.
fn mark_computed_unknown(
    attributes: &[Attribute],
    config: &BTreeMap<String, Value>,
    planned: &mut BTreeMap<String, Value>,
) {
    for_each_attribute(attributes, config, planned, |attribute, configured, value| {
        if is_computed_when_omitted(attribute) && configured.is_null() {
            *value = Value::unknown();
        } else if let AttributeShape::Nested(_, inner) = &attribute.shape
            && has_any(inner, is_computed_when_omitted)
        {
            for_each_object(configured, value, &mut |config, planned| {
                mark_computed_unknown(inner, config, planned);
            });
        }
    });
}

fn is_computed_when_omitted(attribute: &Attribute) -> bool {
    matches!(attribute.presence, Presence::Computed | Presence::OptionalComputed)
}

/// Whether the rule applies to any of these attributes or their nested attributes. Large collections without such an
/// attribute are skipped as a whole.
fn has_any(attributes: &[Attribute], applies: fn(&Attribute) -> bool) -> bool {
    attributes.iter().any(|attribute| match &attribute.shape {
        AttributeShape::Nested(_, inner) => applies(attribute) || has_any(inner, applies),
        AttributeShape::Plain(_) => applies(attribute),
    })
}

fn keep_prior_for_unknown(
    attributes: &[Attribute],
    config: &BTreeMap<String, Value>,
    prior: &Value,
    planned: &mut BTreeMap<String, Value>,
) {
    for attribute in attributes {
        let keeps =
            attribute.modifiers.iter().any(|modifier| matches!(modifier, Modifier::KeepPriorForUnknown));
        let configured_unknown = config.get(attribute.name).is_some_and(Value::is_unknown);
        let (Some(value), Some(prior)) = (planned.get_mut(attribute.name), prior.attribute(attribute.name))
        else {
            continue;
        };
        if keeps && value.is_unknown() && !configured_unknown {
            *value = prior.clone();
        }
    }
}

fn attributes_requiring_replace(block: &Block, prior: &Value, planned: &Value) -> Vec<AttributePath> {
    let (Some(prior), Some(planned)) = (prior.as_object(), planned.as_object()) else { return Vec::new() };
    block
        .attributes
        .iter()
        .filter(|attribute| attribute.modifiers.iter().any(|m| matches!(m, Modifier::RequiresReplace)))
        .filter(|attribute| prior.get(attribute.name) != planned.get(attribute.name))
        .map(|attribute| AttributePath::root(attribute.name))
        .collect()
}

/// Visits each attribute with its configured value (null if omitted) and its planned value.
fn for_each_attribute(
    attributes: &[Attribute],
    config: &BTreeMap<String, Value>,
    planned: &mut BTreeMap<String, Value>,
    mut visit: impl FnMut(&Attribute, &Value, &mut Value),
) {
    for attribute in attributes {
        if let Some(value) = planned.get_mut(attribute.name) {
            visit(attribute, config.get(attribute.name).unwrap_or(&Value::Null), value);
        }
    }
}

/// Visits the objects of a nested attribute together with their configuration. Elements of a set cannot be matched
/// with their configuration once they differ. The proposed new state contains the configured elements, so each
/// element serves as its own configuration.
fn for_each_object(
    config: &Value,
    planned: &mut Value,
    visit: &mut impl FnMut(&BTreeMap<String, Value>, &mut BTreeMap<String, Value>),
) {
    match (config, planned) {
        (Value::Object(config), Value::Object(planned)) => visit(config, planned),
        (Value::List(config), Value::List(planned)) => {
            for (config, planned) in config.iter().zip(planned) {
                for_each_object(config, planned, visit);
            }
        }
        (Value::Map(config), Value::Map(planned)) => {
            for (key, planned) in planned {
                for_each_object(config.get(key).unwrap_or(&Value::Null), planned, visit);
            }
        }
        (Value::Set(_), Value::Set(planned)) => {
            *planned = SetValue::new(std::mem::take(planned).into_iter().map(|mut element| {
                let config = element.clone();
                for_each_object(&config, &mut element, visit);
                element
            }));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terraform::ty::Type;

    fn schema() -> Schema {
        let ignore_case = |planned: &Value, prior: &Value| match (planned.as_str(), prior.as_str()) {
            (Some(a), Some(b)) if a.eq_ignore_ascii_case(b) => Some(prior.clone()),
            _ => None,
        };
        let attributes = vec![
            Attribute::new("policy", Type::String, Presence::Required, "")
                .modified(Modifier::PriorSpelling(ignore_case))
                .modified(Modifier::RequiresReplace),
            Attribute::new("note", Type::String, Presence::Optional, ""),
            Attribute::new("mode", Type::String, Presence::Default(Value::string("auto")), ""),
            Attribute::new("id", Type::String, Presence::Computed, "")
                .modified(Modifier::KeepPriorForUnknown),
            Attribute::new("changed_at", Type::String, Presence::Computed, ""),
        ];
        Schema { version: 0, block: Block { attributes, ..Block::default() } }
    }

    fn object(policy: &str, note: Value, mode: Value, id: Value, changed_at: Value) -> Value {
        Value::object([
            ("policy", Value::string(policy)),
            ("note", note),
            ("mode", mode),
            ("id", id),
            ("changed_at", changed_at),
        ])
    }

    fn prior() -> Value {
        object("a1", Value::Null, Value::string("auto"), Value::string("1"), Value::string("May"))
    }

    fn config(policy: &str, note: Value) -> Value {
        object(policy, note, Value::Null, Value::Null, Value::Null)
    }

    fn plan(policy: &str, note: Value, prior: Value) -> Plan {
        let computed = |name| prior.attribute(name).cloned().unwrap_or(Value::Null);
        let proposed = object(policy, note.clone(), computed("mode"), computed("id"), computed("changed_at"));
        Plan::new(&schema(), config(policy, note), prior, proposed)
    }

    #[test]
    fn an_unchanged_configuration_plans_the_prior_state() {
        let plan = plan("a1", Value::Null, prior());
        assert_eq!(plan.planned, prior());
        assert!(plan.requires_replace.is_empty());
    }

    #[test]
    fn a_difference_in_case_only_is_no_change() {
        assert_eq!(plan("A1", Value::Null, prior()).planned, prior());
    }

    #[test]
    fn a_create_plans_defaults_and_unknown_computed_values() {
        let planned = plan("a1", Value::Null, Value::Null).planned;
        assert_eq!(
            planned,
            object("a1", Value::Null, Value::string("auto"), Value::unknown(), Value::unknown())
        );
    }

    #[test]
    fn a_change_plans_computed_values_as_unknown_unless_they_keep_the_prior_value() {
        let plan = plan("a1", Value::string("new"), prior());
        assert_eq!(plan.planned("id"), &Value::string("1"));
        assert_eq!(plan.planned("changed_at"), &Value::unknown());
        assert!(plan.changes("note") && !plan.changes("policy"));
    }

    #[test]
    fn a_new_policy_replaces_the_object() {
        let plan = plan("b2", Value::Null, prior());
        assert_eq!(plan.requires_replace, [AttributePath::root("policy")]);
    }

    #[test]
    fn an_unknown_policy_may_replace_the_object() {
        let proposed = Value::object([
            ("policy", Value::unknown()),
            ("note", Value::Null),
            ("mode", Value::string("auto")),
            ("id", Value::string("1")),
            ("changed_at", Value::string("May")),
        ]);
        let config = Value::object([("policy", Value::unknown()), ("note", Value::Null)]);
        let plan = Plan::new(&schema(), config, prior(), proposed);
        assert_eq!(plan.requires_replace, [AttributePath::root("policy")]);
    }
}
