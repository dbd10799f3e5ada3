//! Configurations and states as Terraform's values, and the values as they travel.

use terraform_provider_defender::protocol::msgpack;
use terraform_provider_defender::terraform::value::Value;
use terraform_provider_defender::wire::tfplugin6 as wire;

use crate::assignment::{Policy, Set, Target};
use crate::configuration::Block;
use crate::in_process::{kind, resource_type};

/// The attribute with the policy's id.
const ID: &str = if kind::IS_EDR { "configuration_policy_id" } else { "device_configuration_id" };

const COMPUTED: [&str; 3] = ["id", "assignment_ids", "inherited_assignments"];

/// How much of a configuration is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    Plan,
    Apply,
}

/// The configuration of a block.
pub fn configured(block: &Block, phase: Phase) -> Value {
    let hidden = |hides: bool, value: Value| {
        if hides && phase == Phase::Plan { Value::unknown() } else { value }
    };
    let switch = |on: bool| if on { Value::Bool(true) } else { Value::Null };
    Value::object([
        (ID, hidden(block.unknown_policy, Value::string(block.policy.id()))),
        ("assignments", hidden(block.unknown_set, set_value(&block.set))),
        ("overwrite_existing", switch(block.overwrite)),
        ("skip_destroy", switch(block.skip_destroy)),
        ("id", Value::Null),
        ("assignment_ids", Value::Null),
        ("inherited_assignments", Value::Null),
        ("timeouts", Value::Null),
    ])
}

/// What Terraform proposes: the prior state with the configuration laid over it.
pub fn proposed(prior: &Value, config: &Value) -> Value {
    let Value::Object(mut attributes) = config.clone() else { return Value::Null };
    for name in COMPUTED {
        attributes.insert(name.to_owned(), prior.attribute(name).cloned().unwrap_or(Value::Null));
    }
    Value::Object(attributes)
}

/// The attributes that a user writes.
pub fn is_configurable(name: &str) -> bool {
    !COMPUTED.contains(&name)
}

pub fn set_value(set: &Set) -> Value {
    Value::set(set.iter().map(|target| target.value()))
}

/// The assignments of a state or plan; `None` if they are unknown.
pub fn set_in(object: &Value) -> Option<Set> {
    match object.attribute("assignments") {
        Some(Value::Set(elements)) => Some(elements.iter().map(Target::of_value).collect()),
        Some(Value::Unknown(_)) => None,
        _ => Some(Set::new()),
    }
}

/// The policy of a state or plan; `None` if it is unknown or there is no object.
pub fn policy_in(object: &Value) -> Option<Policy> {
    object.attribute(ID)?.as_str().and_then(Policy::in_text)
}

pub fn is_on(object: &Value, switch: &str) -> bool {
    object.attribute(switch).and_then(Value::as_bool) == Some(true)
}

/// Null travels as absence.
pub fn encode(value: &Value) -> Option<wire::DynamicValue> {
    if value.is_null() {
        return None;
    }
    let msgpack = msgpack::encode(value, resource_type()).unwrap();
    Some(wire::DynamicValue { msgpack, json: Vec::new() })
}

/// # Errors
/// The value does not conform to the schema.
pub fn decode(message: Option<&wire::DynamicValue>) -> Result<Value, String> {
    let Some(message) = message.filter(|message| !message.msgpack.is_empty()) else { return Ok(Value::Null) };
    msgpack::decode(&message.msgpack, resource_type())
        .map_err(|error| format!("a value of the wrong type: {error}"))
}
