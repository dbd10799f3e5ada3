//! The rules by which Terraform checks a schema when it loads it. One violation makes the whole provider unusable.

use terraform_provider_defender::protocol::type_json;
use terraform_provider_defender::wire::tfplugin6 as wire;

use crate::in_process::{client, provider};

const RESERVED_IN_RESOURCES: &[&str] =
    &["count", "for_each", "depends_on", "provider", "lifecycle", "connection", "provisioner"];
const RESERVED_IN_PROVIDERS: &[&str] = &["alias", "version"];

#[tokio::test]
async fn every_schema_follows_terraforms_rules() {
    let request = wire::get_provider_schema::Request {};
    let schema = client(provider()).get_provider_schema(request).await.unwrap().into_inner();
    assert_eq!(schema.diagnostics, []);
    check_schema(schema.provider.as_ref().expect("a provider schema"), RESERVED_IN_PROVIDERS);
    assert!(schema.resource_schemas.contains_key("defender_atp_assignment"));
    for (name, schema) in &schema.resource_schemas {
        assert!(name.starts_with("defender_"), "{name}");
        check_schema(schema, RESERVED_IN_RESOURCES);
    }
    let capabilities = schema.server_capabilities.unwrap();
    assert!(capabilities.plan_destroy && capabilities.get_provider_schema_optional);
}

#[tokio::test]
async fn every_identity_attribute_is_either_required_or_optional_for_import() {
    let request = wire::get_resource_identity_schemas::Request {};
    let answer = client(provider()).get_resource_identity_schemas(request).await.unwrap().into_inner();
    let schema = &answer.identity_schemas["defender_atp_assignment"];
    assert_eq!(schema.version, 0);
    for attribute in &schema.identity_attributes {
        assert_ne!(attribute.required_for_import, attribute.optional_for_import, "{}", attribute.name);
        type_json::decode(&attribute.r#type).unwrap();
    }
}

fn check_schema(schema: &wire::Schema, reserved: &[&str]) {
    assert!(schema.version >= 0);
    let block = schema.block.as_ref().expect("a block");
    for attribute in &block.attributes {
        assert!(!reserved.contains(&attribute.name.as_str()), "{}", attribute.name);
    }
    check_block(block);
}

fn check_block(block: &wire::schema::Block) {
    let names = block.attributes.iter().map(|attribute| &attribute.name);
    let mut names: Vec<_> = names.chain(block.block_types.iter().map(|nested| &nested.type_name)).collect();
    for name in &names {
        check_name(name);
    }
    names.sort();
    names.windows(2).for_each(|pair| assert_ne!(pair[0], pair[1]));
    block.attributes.iter().for_each(check_attribute);
    for nested in &block.block_types {
        if nested.nesting() == wire::schema::nested_block::NestingMode::Single {
            assert_eq!(nested.min_items, nested.max_items);
        }
        check_block(nested.block.as_ref().expect("a nested block has a block"));
    }
}

fn check_attribute(attribute: &wire::schema::Attribute) {
    let name = &attribute.name;
    assert!(attribute.required || attribute.optional || attribute.computed, "{name}");
    assert!(!(attribute.required && (attribute.optional || attribute.computed)), "{name}");
    assert!(attribute.deprecated || attribute.deprecation_message.is_empty(), "{name}");
    assert!(!attribute.description.is_empty(), "{name} has no description");
    match &attribute.nested_type {
        Some(object) => {
            assert!(attribute.r#type.is_empty(), "{name} has both a type and a nested type");
            object.attributes.iter().for_each(|inner| check_name(&inner.name));
            object.attributes.iter().for_each(check_attribute);
        }
        None => assert!(type_json::decode(&attribute.r#type).is_ok(), "{name}"),
    }
}

fn check_name(name: &str) {
    let fits = name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    assert!(fits && name.starts_with(|c: char| c.is_ascii_lowercase()), "{name}");
}
