//! `terraform providers schema -json` shows what the provider describes, without a loss.

use serde_json::{Map, Value, json};
use terraform_provider_defender::protocol::type_json;
use terraform_provider_defender::provider::Provider;
use terraform_provider_defender::terraform::function::{Parameter, Signature};
use terraform_provider_defender::terraform::schema::{
    Attribute, AttributeShape, Block, NestedBlock, Nesting, Schema,
};

use super::stage::Stage;
use crate::support::terraform;

pub fn terraform_shows_every_schema_and_signature() {
    let stage = Stage::new();
    stage.configure("");
    let shown = stage.folder.run(&["providers", "schema", "-json"]);
    let mut shown: Value = serde_json::from_str(&shown.succeeds().stdout).unwrap();
    remove_deprecation_messages(&mut shown);
    let shown = shown["provider_schemas"].as_object().unwrap().values().next().unwrap();
    let provider = Provider::new(Box::new(|_| None));
    let resources = provider.definitions().map(|one| (one.type_name, schema(&one.schema)));
    let data_sources = provider.data_sources().iter().map(|source| {
        let definition = source.definition();
        (definition.type_name, schema(&definition.schema))
    });
    must_equal("provider", &shown["provider"], &schema(provider.schema()));
    must_equal("resources", &shown["resource_schemas"], &resources.collect());
    must_equal("data sources", &shown["data_source_schemas"], &data_sources.collect());
    if let Some(functions) = shown.get("functions") {
        let described = provider.functions().iter().map(|one| one.signature());
        let described = described.map(|one| (one.name, signature(&one)));
        must_equal("functions", functions, &described.collect());
    }
}

/// Only some versions show these messages. All show that an attribute is deprecated.
fn remove_deprecation_messages(shown: &mut Value) {
    match shown {
        Value::Object(members) => {
            members.retain(|name, value| name != "deprecation_message" || !value.is_string());
            members.values_mut().for_each(remove_deprecation_messages);
        }
        Value::Array(items) => items.iter_mut().for_each(remove_deprecation_messages),
        _ => {}
    }
}

fn must_equal(part: &str, shown: &Value, described: &Value) {
    assert_eq!(shown, described, "{part}");
}

fn schema(schema: &Schema) -> Value {
    json!({"version": schema.version, "block": block(&schema.block)})
}

fn block(block: &Block) -> Value {
    let mut members = Map::new();
    add(&mut members, "attributes", attributes(&block.attributes));
    let blocks = block.blocks.iter().map(|nested| (nested.name, nested_block(nested)));
    add(&mut members, "block_types", blocks.collect());
    add(&mut members, "description", json!(block.description));
    members.insert("description_kind".to_owned(), json!("markdown"));
    Value::Object(members)
}

fn attributes(attributes: &[Attribute]) -> Value {
    attributes.iter().map(|one| (one.name, attribute(one))).collect()
}

fn attribute(attribute: &Attribute) -> Value {
    let mut members = Map::new();
    match &attribute.shape {
        AttributeShape::Plain(ty) => add(&mut members, "type", json_of(&type_json::encode(ty))),
        AttributeShape::Nested(nesting, nested) => {
            let nested = json!({"attributes": attributes(nested), "nesting_mode": mode(*nesting)});
            add(&mut members, "nested_type", nested);
        }
    }
    add(&mut members, "description", json!(attribute.documentation()));
    members.insert("description_kind".to_owned(), json!("markdown"));
    for (name, is_set) in [
        ("required", attribute.presence.is_required()),
        ("optional", attribute.presence.is_optional()),
        ("computed", attribute.presence.is_computed()),
        ("sensitive", attribute.sensitive),
        ("deprecated", attribute.deprecation.is_some()),
        ("write_only", attribute.write_only && terraform::has_write_only_attributes()),
    ] {
        if is_set {
            members.insert(name.to_owned(), json!(true));
        }
    }
    Value::Object(members)
}

fn nested_block(nested: &NestedBlock) -> Value {
    json!({"nesting_mode": mode(nested.nesting), "block": block(&nested.block)})
}

fn mode(nesting: Nesting) -> &'static str {
    match nesting {
        Nesting::Single => "single",
        Nesting::List => "list",
        Nesting::Set => "set",
        Nesting::Map => "map",
    }
}

fn signature(signature: &Signature) -> Value {
    let mut members = Map::new();
    members.insert("description".to_owned(), json!(signature.description));
    members.insert("summary".to_owned(), json!(signature.summary));
    members.insert("return_type".to_owned(), json_of(&type_json::encode(&signature.returns)));
    if !signature.parameters.is_empty() {
        members.insert("parameters".to_owned(), signature.parameters.iter().map(parameter).collect());
    }
    if let Some(variadic) = &signature.variadic_parameter {
        members.insert("variadic_parameter".to_owned(), parameter(variadic));
    }
    Value::Object(members)
}

fn parameter(parameter: &Parameter) -> Value {
    let ty = type_json::encode_with_optional(&parameter.ty, parameter.optional_attributes);
    json!({"name": parameter.name, "description": parameter.description, "type": json_of(&ty)})
}

/// Adds a member unless it is empty, as Terraform does.
fn add(members: &mut Map<String, Value>, name: &str, value: Value) {
    if !matches!(&value, Value::String(text) if text.is_empty())
        && !matches!(&value, Value::Object(object) if object.is_empty())
    {
        members.insert(name.to_owned(), value);
    }
}

fn json_of(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap()
}
