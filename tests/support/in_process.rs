//! The provider's gRPC service in this process, called with encoded requests like those of Terraform.

use std::sync::LazyLock;

use serde_json::{Value as Json, json};
use terraform_provider_defender::protocol::service::ProviderService;
use terraform_provider_defender::protocol::{json as cty_json, msgpack};
use terraform_provider_defender::provider::Provider;
use terraform_provider_defender::terraform::ty::Type;
use terraform_provider_defender::terraform::value::Value;
use terraform_provider_defender::wire::tfplugin6 as wire;
use terraform_provider_defender::wire::tfplugin6::provider_client::ProviderClient;
use terraform_provider_defender::wire::tfplugin6::provider_server::ProviderServer;

#[path = "checked_client.rs"]
mod checked_client;
#[path = "conformance.rs"]
pub mod conformance;
#[path = "kind.rs"]
pub mod kind;

pub use self::checked_client::Client;
pub use self::kind::RESOURCE;

/// Represents an unknown value in the JSON of these tests.
const UNKNOWN: &str = "<unknown>";

/// A client of this provider.
pub fn client(provider: Provider) -> Client {
    Client::new(ProviderClient::new(ProviderServer::new(ProviderService::new(provider))))
}

/// The provider with all its resources and an empty environment.
pub fn provider() -> Provider {
    Provider::new(Box::new(|_| None))
}

/// A client of a provider that is configured with this Graph endpoint.
pub async fn configured(graph_endpoint: &str) -> Client {
    let mut client = client(provider());
    let config = json!({"access_token": "token", "graph_endpoint": graph_endpoint});
    let answer = client.configure_provider(configure_request(&config)).await.unwrap().into_inner();
    assert_eq!(answer.diagnostics, []);
    client
}

/// A ConfigureProvider request with this provider block.
pub fn configure_request(config: &Json) -> wire::configure_provider::Request {
    wire::configure_provider::Request {
        terraform_version: "1.11.4".to_owned(),
        config: Some(encode(config, provider().ty())),
        client_capabilities: None,
    }
}

/// The type of the resource's states.
pub fn resource_type() -> &'static Type {
    static TYPE: LazyLock<Type> = LazyLock::new(|| {
        let provider = provider();
        let mut definitions = provider.definitions();
        definitions.find(|definition| definition.type_name == RESOURCE).unwrap().ty().clone()
    });
    &TYPE
}

/// Encodes a state or configuration from JSON. Omitted attributes are null; `"<unknown>"` is an unknown value.
pub fn state(values: &Json) -> wire::DynamicValue {
    encode(&kind::translated_json(values), resource_type())
}

/// Encodes a state or configuration of this resource type.
#[allow(dead_code, reason = "for tests of two resource types")]
pub fn state_of(resource: &str, values: &Json) -> wire::DynamicValue {
    let provider = provider();
    let definition = provider.definitions().find(|definition| definition.type_name == resource).unwrap();
    encode(values, definition.ty())
}

/// Decodes a state to JSON, with `"<unknown>"` for unknown values; `Null` if there is none.
pub fn decoded(state: Option<&wire::DynamicValue>) -> Json {
    let Some(state) = state else { return Json::Null };
    let value = msgpack::decode(&state.msgpack, resource_type()).unwrap();
    let readable = replace_unknown(&value);
    let read = serde_json::from_slice(&cty_json::encode(&readable, resource_type()).unwrap()).unwrap();
    kind::restored_json(&read)
}

/// Decodes a known state of this resource type; `Null` if there is none.
#[allow(dead_code, reason = "for tests of other resource types")]
pub fn decoded_of(resource: &str, state: Option<&wire::DynamicValue>) -> Json {
    let Some(state) = state else { return Json::Null };
    let provider = provider();
    let definition = provider.definitions().find(|definition| definition.type_name == resource).unwrap();
    let value = msgpack::decode(&state.msgpack, definition.ty()).unwrap();
    serde_json::from_slice(&cty_json::encode(&value, definition.ty()).unwrap()).unwrap()
}

fn encode(values: &Json, ty: &Type) -> wire::DynamicValue {
    let mut values = values.clone();
    let unknown = remove_unknown_collections(&mut values, ty);
    let decoded = cty_json::decode_stored(values.to_string().as_bytes(), ty).unwrap();
    let mut value = with_unknown(decoded);
    if let Value::Object(attributes) = &mut value {
        attributes.extend(unknown.into_iter().map(|name| (name, Value::unknown())));
    }
    wire::DynamicValue { msgpack: msgpack::encode(&value, ty).unwrap(), json: Vec::new() }
}

/// Replaces unknown collections, which JSON of their type cannot represent, with null and returns their names.
fn remove_unknown_collections(values: &mut Json, ty: &Type) -> Vec<String> {
    let attributes = values.as_object_mut().into_iter().flatten();
    let unknown =
        attributes.filter(|(name, value)| **value == UNKNOWN && ty.attribute(name) != Some(&Type::String));
    let names = unknown.map(|(name, value)| {
        *value = Json::Null;
        name.clone()
    });
    names.collect()
}

fn with_unknown(value: Value) -> Value {
    match value {
        Value::String(text) if text == UNKNOWN => Value::unknown(),
        Value::Set(elements) => {
            let elements: Vec<Value> = elements.iter().cloned().map(with_unknown).collect();
            Value::set(elements)
        }
        Value::Object(attributes) => {
            Value::Object(attributes.into_iter().map(|(name, value)| (name, with_unknown(value))).collect())
        }
        other => other,
    }
}

/// Replaces unknown values, which JSON cannot represent, with a marker of the same kind.
fn replace_unknown(value: &Value) -> Value {
    match value {
        Value::Object(attributes) => Value::Object(
            attributes
                .iter()
                .map(|(name, value)| (name.clone(), replace_unknown_attribute(name, value)))
                .collect(),
        ),
        Value::Set(elements) => Value::set(elements.iter().map(replace_unknown)),
        other => other.clone(),
    }
}

fn replace_unknown_attribute(name: &str, value: &Value) -> Value {
    match (name, value) {
        ("assignment_ids", Value::Unknown(_)) => {
            Value::Map([(UNKNOWN.to_owned(), Value::string(UNKNOWN))].into())
        }
        ("assignment_ids", Value::Map(ids)) => Value::Map(
            ids.iter().map(|(key, id)| (key.clone(), replace_unknown_attribute(key, id))).collect(),
        ),
        ("inherited_assignments" | "assignments", Value::Unknown(_)) => Value::set([]),
        (_, Value::Unknown(_)) => Value::string(UNKNOWN),
        (_, value) => replace_unknown(value),
    }
}

/// Renders diagnostics as readable text, with their paths.
pub fn printed(diagnostics: &[wire::Diagnostic]) -> String {
    let steps = |path: &wire::AttributePath| {
        let names = path.steps.iter().map(|step| match &step.selector {
            Some(wire::attribute_path::step::Selector::AttributeName(name)) => name.clone(),
            other => format!("{other:?}"),
        });
        names.collect::<Vec<_>>().join(".")
    };
    let print = |diagnostic: &wire::Diagnostic| {
        let severity = wire::diagnostic::Severity::try_from(diagnostic.severity).unwrap();
        let place =
            diagnostic.attribute.as_ref().map(|path| format!(" at {}", steps(path))).unwrap_or_default();
        format!("{severity:?}{place}: {}\n{}\n", diagnostic.summary, without_ids(&diagnostic.detail))
    };
    kind::restored(&diagnostics.iter().map(print).collect::<Vec<_>>().join("\n"))
}

/// Replaces request ids, dates and durations, which differ from run to run.
fn without_ids(text: &str) -> String {
    let mut after_id = false;
    let lines: Vec<String> = text.lines().map(without_retry_numbers).collect();
    let text = lines.join("\n");
    let words = text.split(' ').map(|word| {
        let is_date = word.starts_with("20") && word.contains("Z.");
        let printed = match word.split_once("Z.") {
            Some((_, rest)) if is_date => format!("<date>.{rest}"),
            // A comma or a period follows the id.
            _ if after_id => {
                format!("…{}", word.trim_start_matches(|c: char| c.is_alphanumeric() || c == '-'))
            }
            _ => word.to_owned(),
        };
        after_id = word.ends_with("request-id");
        printed
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Turns `Tried 7 times, waited 12.3s, until …` into `Tried … times, waited …, until …`.
fn without_retry_numbers(line: &str) -> String {
    if !line.starts_with("Tried ") {
        return line.to_owned();
    }
    let words = line.split(' ').map(|word| match word.strip_suffix(['s', '.', ',']) {
        _ if !word.starts_with(|c: char| c.is_ascii_digit()) => word,
        None => "…",
        Some(_) if word.ends_with(',') => "…,",
        Some(_) => "….",
    });
    words.collect::<Vec<_>>().join(" ")
}
