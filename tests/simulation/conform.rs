//! What Terraform's core checks in the answers of a provider, as far as this resource can break it. Written from the
//! rules of `AssertPlanValid` and `AssertObjectCompatible`.

use std::collections::BTreeMap;

use terraform_provider_defender::terraform::value::Value;
use terraform_provider_defender::wire::tfplugin6 as wire;

use crate::values::is_configurable;

/// What is wrong.
pub type Verdict = Result<(), String>;

/// A planned state against configuration and prior state: a configured attribute is planned as configured, or left as
/// it was.
pub fn plan(prior: &Value, config: &Value, planned: &Value) -> Verdict {
    let (Some(config), Some(planned)) = (config.as_object(), planned.as_object()) else {
        return Err("a planned state is null, and its configuration is not".to_owned());
    };
    for (name, value) in planned.iter().filter(|(name, _)| is_configurable(name)) {
        let configured = config.get(name).unwrap_or(&Value::Null);
        let before = prior.attribute(name).unwrap_or(&Value::Null);
        let is_kept = value == before && !before.is_null() && !configured.is_null();
        if value != configured && !is_kept {
            return Err(format!("{name} is planned neither as configured nor as it was"));
        }
    }
    Ok(())
}

/// What came out against what was planned: everything known stays, unknowns may become anything.
pub fn outcome(planned: &Value, actual: &Value) -> Verdict {
    at("", planned, actual)
}

fn at(place: &str, planned: &Value, actual: &Value) -> Verdict {
    match (planned, actual) {
        (Value::Unknown(_), _) => Ok(()),
        (Value::Object(planned), Value::Object(actual)) | (Value::Map(planned), Value::Map(actual)) => {
            entries(place, planned, actual)
        }
        (Value::Set(planned), Value::Set(actual)) if !planned.iter().all(Value::is_wholly_known) => {
            if actual.len() > planned.len() {
                Err(format!("{place} has more elements than planned"))
            } else {
                Ok(())
            }
        }
        _ if planned == actual => Ok(()),
        _ => Err(format!("{place} was planned as {planned:?} and is {actual:?}")),
    }
}

fn entries(place: &str, planned: &BTreeMap<String, Value>, actual: &BTreeMap<String, Value>) -> Verdict {
    if !planned.keys().eq(actual.keys()) {
        return Err(format!("{place} has other keys than planned"));
    }
    planned.iter().zip(actual.values()).try_for_each(|((name, planned), actual)| at(name, planned, actual))
}

/// An identity is wholly known once there is an object.
pub fn identity(identity: Option<&wire::ResourceIdentityData>, what: &str) -> Verdict {
    let data = identity.and_then(|identity| identity.identity_data.as_ref());
    let Some(data) = data.filter(|data| !data.msgpack.is_empty()) else { return Ok(()) };
    // An unknown value is an extension, whose marker occurs nowhere else in the encoding of a short object.
    let is_unknown = data.msgpack.windows(3).any(|bytes| bytes == [0xd4, 0x00, 0x00]);
    if is_unknown { Err(format!("the identity {what} holds an unknown value")) } else { Ok(()) }
}
