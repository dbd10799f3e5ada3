//! Terraform's checks of a plan and of the state after apply: AssertPlanValid and AssertObjectCompatible in its
//! sources. Pure; uses the schema that the provider sends.

use terraform_provider_defender::protocol::type_json;
use terraform_provider_defender::terraform::ty::Type;
use terraform_provider_defender::terraform::value::{SetValue, Value};
use terraform_provider_defender::wire::tfplugin6::schema::nested_block::NestingMode as BlockNesting;
use terraform_provider_defender::wire::tfplugin6::schema::object::NestingMode;
use terraform_provider_defender::wire::tfplugin6::schema::{Attribute, Block, NestedBlock, Object};

/// The type of the values that a block describes.
pub fn block_type(block: &Block) -> Type {
    let attributes =
        block.attributes.iter().map(|attribute| (attribute.name.clone(), attribute_type(attribute)));
    let blocks =
        block.block_types.iter().map(|nested| (nested.type_name.clone(), block_type(content(nested))));
    Type::object(attributes.chain(blocks))
}

fn attribute_type(attribute: &Attribute) -> Type {
    let Some(nested) = &attribute.nested_type else { return type_json::decode(&attribute.r#type).unwrap() };
    let attributes = nested.attributes.iter().map(|inner| (inner.name.clone(), attribute_type(inner)));
    let object = Type::object(attributes);
    match nested.nesting() {
        NestingMode::Single => object,
        NestingMode::List => Type::list(object),
        NestingMode::Set => Type::set(object),
        NestingMode::Map => Type::map(object),
        NestingMode::Invalid => panic!("{} has no nesting mode", attribute.name),
    }
}

/// The content of a nested block. The provider has only single ones.
fn content(nested: &NestedBlock) -> &Block {
    assert_eq!(
        nested.nesting(),
        BlockNesting::Single,
        "the checker does not support the nesting of {}",
        nested.type_name
    );
    nested.block.as_ref().unwrap()
}

/// Why Terraform would reject a plan.
pub fn problems_of_plan(block: &Block, prior: &Value, config: &Value, planned: &Value) -> Vec<String> {
    let mut problems = Vec::new();
    check_block(block, [prior, config, planned], "", &mut problems);
    problems
}

fn check_block(block: &Block, values: [&Value; 3], at: &str, problems: &mut Vec<String>) {
    let [prior, config, planned] = values;
    match (config.is_null(), planned.is_null()) {
        (true, true) => return,
        (true, false) => return problems.push(format!("{at}: planned, though the configuration has none")),
        (false, true) => return problems.push(format!("{at}: planned null against a configured object")),
        (false, false) => {}
    }
    check_attributes(&block.attributes, values, at, problems);
    for nested in &block.block_types {
        let at = format!("{at}.{}", nested.type_name);
        let values = [prior, config, planned].map(|value| member(value, &nested.type_name));
        if values[2].is_unknown() && !values[1].is_unknown() {
            problems.push(format!("{at}: a block must not be planned unknown"));
        } else if values[1] != values[2] {
            check_block(content(nested), values, &at, problems);
        }
    }
}

fn check_attributes(attributes: &[Attribute], values: [&Value; 3], at: &str, problems: &mut Vec<String>) {
    for attribute in attributes {
        let at = format!("{at}.{}", attribute.name);
        check_attribute(attribute, values.map(|value| member(value, &attribute.name)), &at, problems);
    }
}

/// Applies the rules in Terraform's order. The first that matches decides.
fn check_attribute(attribute: &Attribute, values: [&Value; 3], at: &str, problems: &mut Vec<String>) {
    let [prior, config, planned] = values;
    let is_kept = planned == prior && !prior.is_null() && !config.is_null();
    if without_refinements(planned) == without_refinements(config) || is_kept {
        return;
    }
    if attribute.write_only {
        if !planned.is_null() {
            problems.push(format!("{at}: a write-only attribute must be planned null"));
        }
        return;
    }
    if attribute.computed && (!attribute.optional || config.is_null()) {
        return;
    }
    match &attribute.nested_type {
        _ if config.is_null() => {
            problems.push(format!("{at}: planned for an attribute that is not computed"));
        }
        Some(nested) => check_nested(nested, values, at, problems),
        None => problems.push(format!("{at}: neither the configured value nor the prior one")),
    }
}

fn check_nested(nested: &Object, values: [&Value; 3], at: &str, problems: &mut Vec<String>) {
    let [prior, config, planned] = values;
    match (nested.nesting(), config, planned) {
        (NestingMode::Single, Value::Object(_), Value::Object(_)) => {
            check_attributes(&nested.attributes, values, at, problems);
        }
        // Terraform compares only the length of a set.
        (NestingMode::Set, Value::Set(config), Value::Set(planned)) if config.len() == planned.len() => {}
        (NestingMode::List, Value::List(config), Value::List(planned)) if config.len() == planned.len() => {
            for (index, (config, planned)) in config.iter().zip(planned).enumerate() {
                let prior = if let Value::List(prior) = prior { prior.get(index) } else { None };
                let prior = prior.unwrap_or(&Value::Null);
                let at = format!("{at}[{index}]");
                check_attributes(&nested.attributes, [prior, config, planned], &at, problems);
            }
        }
        (NestingMode::Map, Value::Map(config), Value::Map(planned)) if config.keys().eq(planned.keys()) => {
            for (key, config) in config {
                let prior = prior.as_map().and_then(|prior| prior.get(key)).unwrap_or(&Value::Null);
                let at = format!("{at}[{key:?}]");
                check_attributes(&nested.attributes, [prior, config, &planned[key]], &at, problems);
            }
        }
        _ => problems.push(format!("{at}: not the configured elements")),
    }
}

/// Why Terraform would reject the state after apply as inconsistent with the plan.
pub fn problems_of_result(planned: &Value, actual: &Value) -> Vec<String> {
    let mut problems = Vec::new();
    check_result(planned, actual, "", &mut problems);
    problems
}

/// A planned unknown value may become any value. A known one must be unchanged.
fn check_result(planned: &Value, actual: &Value, at: &str, problems: &mut Vec<String>) {
    match (planned, actual) {
        _ if planned == actual => {}
        (Value::Unknown(_), _) => {}
        (Value::Object(planned), Value::Object(actual)) | (Value::Map(planned), Value::Map(actual)) => {
            if !planned.keys().eq(actual.keys()) {
                problems.push(format!("{at}: other keys than planned"));
            }
            for (key, planned) in planned {
                let actual = actual.get(key).unwrap_or(&Value::Null);
                check_result(planned, actual, &format!("{at}.{key}"), problems);
            }
        }
        (Value::List(planned), Value::List(actual)) if planned.len() == actual.len() => {
            for (index, (planned, actual)) in planned.iter().zip(actual).enumerate() {
                check_result(planned, actual, &format!("{at}[{index}]"), problems);
            }
        }
        (Value::Set(planned), Value::Set(actual)) => check_set(planned, actual, at, problems),
        _ => problems.push(format!("{at}: planned {planned:?}, but became {actual:?}")),
    }
}

/// Each element must match one in the other set, and there must be no more elements than planned.
fn check_set(planned: &SetValue, actual: &SetValue, at: &str, problems: &mut Vec<String>) {
    let corresponds = |planned: &Value, actual: &Value| problems_of_result(planned, actual).is_empty();
    for element in planned {
        if !actual.iter().any(|actual| corresponds(element, actual)) {
            problems.push(format!("{at}: {element:?} was planned but is missing"));
        }
    }
    for element in actual {
        if !planned.iter().any(|planned| corresponds(planned, element)) {
            problems.push(format!("{at}: {element:?} was not planned"));
        }
    }
    if actual.len() > planned.len() {
        problems.push(format!("{at}: more elements than planned"));
    }
}

/// An attribute of an object; null if the value is not an object.
fn member<'a>(value: &'a Value, name: &str) -> &'a Value {
    value.attribute(name).unwrap_or(&Value::Null)
}

/// Removes refinements, which Terraform ignores when it compares a plan with the configuration.
fn without_refinements(value: &Value) -> Value {
    match value {
        Value::Unknown(_) => Value::unknown(),
        Value::Object(members) => {
            Value::object(members.iter().map(|(name, value)| (name, without_refinements(value))))
        }
        Value::Map(entries) => {
            Value::map(entries.iter().map(|(key, value)| (key, without_refinements(value))))
        }
        Value::List(elements) => Value::list(elements.iter().map(without_refinements)),
        Value::Set(elements) => Value::set(elements.iter().map(without_refinements)),
        other => other.clone(),
    }
}
