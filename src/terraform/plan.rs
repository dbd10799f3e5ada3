//! The pure rules of planning: what the state will be after apply, as far as a schema can tell.
//!
//! The order is that of Terraform's own provider framework: start from what Terraform proposes, put in defaults,
//! forget write-only values, keep prior spellings, mark as unknown what apply will decide, then keep what is known to
//! stay. Answers are a function of their inputs, because Terraform plans again during apply and compares.

use std::collections::BTreeMap;

use super::attribute_path::AttributePath;
use super::schema::{Attribute, Block, Modifier, Nesting, Presence, Schema, Shape};
use super::value::{SetValue, Value};

/// A planned state in the making. Configuration and proposal are objects; `prior` is null for a create.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// What the user wrote.
    pub config: Value,
    /// The state before; null for a create.
    pub prior: Value,
    /// The state after, with unknowns.
    pub planned: Value,
    /// The attributes whose change needs a new object.
    pub requires_replace: Vec<AttributePath>,
}

impl Plan {
    /// Applies the rules of the schema to Terraform's proposal.
    pub fn new(schema: &Schema, config: Value, prior: Value, proposed: Value) -> Self {
        let nothing = BTreeMap::new();
        let configured = config.as_object().unwrap_or(&nothing);
        let mut planned = proposed;
        if let Value::Object(values) = &mut planned {
            settle_block(&schema.block, configured, values);
            keep_prior_spelling(&schema.block, &prior, values);
        }
        if planned != prior
            && let Value::Object(values) = &mut planned
        {
            mark_attributes(&schema.block.attributes, configured, values);
            keep_prior_for_unknown(&schema.block.attributes, configured, &prior, values);
        }
        let requires_replace = replacing_attributes(&schema.block, &prior, &planned);
        Self { config, prior, planned, requires_replace }
    }

    /// Whether there is no object yet.
    pub fn is_create(&self) -> bool {
        self.prior.is_null()
    }

    /// Whether a root attribute will differ from the prior state; on a create, everything does.
    pub fn changes(&self, name: &str) -> bool {
        self.is_create() || self.planned.attribute(name) != self.prior.attribute(name)
    }

    /// The planned value of a root attribute; null if there is none.
    pub fn planned(&self, name: &str) -> &Value {
        self.planned.attribute(name).unwrap_or(&Value::Null)
    }

    /// Plans a value for a root attribute.
    pub fn set(&mut self, name: &str, value: Value) {
        if let Value::Object(planned) = &mut self.planned {
            planned.insert(name.to_owned(), value);
        }
    }

    /// Plans the prior value of a root attribute, if there is a prior state.
    pub fn keep_prior(&mut self, name: &str) {
        let prior = self.prior.attribute(name).filter(|prior| self.planned.attribute(name) != Some(prior));
        if let Some(value) = prior.cloned() {
            self.set(name, value);
        }
    }
}

/// Defaults, write-only values and single blocks that are left out, at every level.
fn settle_block(block: &Block, config: &BTreeMap<String, Value>, planned: &mut BTreeMap<String, Value>) {
    settle_attributes(&block.attributes, config, planned);
    for nested in block.blocks.iter().filter(|nested| nested.nesting == Nesting::Single) {
        match (config.get(nested.name), planned.get_mut(nested.name)) {
            (Some(Value::Object(config)), Some(Value::Object(planned))) => {
                settle_block(&nested.block, config, planned);
            }
            // Terraform 1.0 to 1.2 propose the prior block where the configuration has none.
            (None | Some(Value::Null), Some(planned)) => *planned = Value::Null,
            _ => {}
        }
    }
}

fn settle_attributes(
    attributes: &[Attribute],
    config: &BTreeMap<String, Value>,
    planned: &mut BTreeMap<String, Value>,
) {
    each_attribute(attributes, config, planned, |attribute, configured, value| {
        match &attribute.presence {
            Presence::Default(default) if configured.is_null() => *value = default.clone(),
            _ if attribute.write_only => *value = Value::Null,
            _ => {}
        }
        if let Shape::Nested(_, inner) = &attribute.shape
            && has_any(inner, is_settled)
        {
            each_object(configured, value, &mut |config, planned| settle_attributes(inner, config, planned));
        }
    });
}

fn is_settled(attribute: &Attribute) -> bool {
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

/// Computed attributes that the user left out become unknown, at every level of nested attributes.
fn mark_attributes(
    attributes: &[Attribute],
    config: &BTreeMap<String, Value>,
    planned: &mut BTreeMap<String, Value>,
) {
    each_attribute(attributes, config, planned, |attribute, configured, value| {
        if is_decided_later(attribute) && configured.is_null() {
            *value = Value::unknown();
        } else if let Shape::Nested(_, inner) = &attribute.shape
            && has_any(inner, is_decided_later)
        {
            each_object(configured, value, &mut |config, planned| mark_attributes(inner, config, planned));
        }
    });
}

fn is_decided_later(attribute: &Attribute) -> bool {
    matches!(attribute.presence, Presence::Computed | Presence::OptionalComputed)
}

/// Whether a rule has something to do, here or further in. Large collections without it are passed over whole.
fn has_any(attributes: &[Attribute], applies: fn(&Attribute) -> bool) -> bool {
    attributes.iter().any(|attribute| match &attribute.shape {
        Shape::Nested(_, inner) => applies(attribute) || has_any(inner, applies),
        Shape::Plain(_) => applies(attribute),
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

fn replacing_attributes(block: &Block, prior: &Value, planned: &Value) -> Vec<AttributePath> {
    let (Some(prior), Some(planned)) = (prior.as_object(), planned.as_object()) else { return Vec::new() };
    block
        .attributes
        .iter()
        .filter(|attribute| attribute.modifiers.iter().any(|m| matches!(m, Modifier::RequiresReplace)))
        .filter(|attribute| prior.get(attribute.name) != planned.get(attribute.name))
        .map(|attribute| AttributePath::root(attribute.name))
        .collect()
}

/// Visits each attribute with what the user wrote, null if nothing, and its planned value.
fn each_attribute(
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

/// Visits the objects of a nested attribute beside what the user wrote for each. Elements of a set cannot be matched
/// with their configuration once they differ; Terraform's proposal has them in full, so each stands for both.
fn each_object(
    config: &Value,
    planned: &mut Value,
    visit: &mut impl FnMut(&BTreeMap<String, Value>, &mut BTreeMap<String, Value>),
) {
    match (config, planned) {
        (Value::Object(config), Value::Object(planned)) => visit(config, planned),
        (Value::List(config), Value::List(planned)) => {
            for (config, planned) in config.iter().zip(planned) {
                each_object(config, planned, visit);
            }
        }
        (Value::Map(config), Value::Map(planned)) => {
            for (key, planned) in planned {
                each_object(config.get(key).unwrap_or(&Value::Null), planned, visit);
            }
        }
        (Value::Set(_), Value::Set(planned)) => {
            *planned = SetValue::new(std::mem::take(planned).into_iter().map(|mut element| {
                let config = element.clone();
                each_object(&config, &mut element, visit);
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
    fn nothing_changed_plans_the_prior_state() {
        let plan = plan("a1", Value::Null, prior());
        assert_eq!(plan.planned, prior());
        assert!(plan.requires_replace.is_empty());
    }

    #[test]
    fn a_difference_in_case_only_is_no_change() {
        assert_eq!(plan("A1", Value::Null, prior()).planned, prior());
    }

    #[test]
    fn a_create_knows_defaults_and_nothing_computed() {
        let planned = plan("a1", Value::Null, Value::Null).planned;
        assert_eq!(
            planned,
            object("a1", Value::Null, Value::string("auto"), Value::unknown(), Value::unknown())
        );
    }

    #[test]
    fn a_change_leaves_open_what_apply_decides_and_keeps_what_stays() {
        let plan = plan("a1", Value::string("new"), prior());
        assert_eq!(plan.planned("id"), &Value::string("1"));
        assert_eq!(plan.planned("changed_at"), &Value::unknown());
        assert!(plan.changes("note") && !plan.changes("policy"));
    }

    #[test]
    fn a_new_policy_needs_a_new_object() {
        let plan = plan("b2", Value::Null, prior());
        assert_eq!(plan.requires_replace, [AttributePath::root("policy")]);
    }

    #[test]
    fn an_unknown_policy_may_need_a_new_object() {
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
