//! Encodes schemas and signatures as wire messages: one function per message, no decisions.

use crate::terraform::function::{Parameter, Signature};
use crate::terraform::schema::{
    Attribute, AttributeShape, Block, IdentitySchema, NestedBlock, Nesting, Schema,
};
use crate::wire::tfplugin6 as wire;
use crate::wire::tfplugin6::schema::nested_block::NestingMode as BlockNesting;
use crate::wire::tfplugin6::schema::object::NestingMode as ObjectNesting;

use super::type_json;

/// Schema.
pub(super) fn schema(schema: &Schema) -> wire::Schema {
    wire::Schema { version: schema.version, block: Some(block(&schema.block)) }
}

/// ResourceIdentitySchema. Terraform requires that each attribute is either required or optional for import.
pub(super) fn identity_schema(schema: &IdentitySchema) -> wire::ResourceIdentitySchema {
    let attributes =
        schema.attributes.iter().map(|attribute| wire::resource_identity_schema::IdentityAttribute {
            name: attribute.name.to_owned(),
            r#type: type_json::encode(&attribute.ty),
            required_for_import: attribute.required_for_import,
            optional_for_import: !attribute.required_for_import,
            description: attribute.description.to_owned(),
        });
    wire::ResourceIdentitySchema { version: schema.version, identity_attributes: attributes.collect() }
}

/// Function.
pub(super) fn function(signature: &Signature) -> wire::Function {
    wire::Function {
        parameters: signature.parameters.iter().map(parameter).collect(),
        variadic_parameter: signature.variadic_parameter.as_ref().map(parameter),
        r#return: Some(wire::function::Return { r#type: type_json::encode(&signature.returns) }),
        summary: signature.summary.to_owned(),
        description: signature.description.to_owned(),
        description_kind: wire::StringKind::Markdown.into(),
        deprecation_message: String::new(),
    }
}

fn parameter(parameter: &Parameter) -> wire::function::Parameter {
    wire::function::Parameter {
        name: parameter.name.to_owned(),
        r#type: type_json::encode_with_optional(&parameter.ty, parameter.optional_attributes),
        allow_null_value: false,
        allow_unknown_values: false,
        description: parameter.description.to_owned(),
        description_kind: wire::StringKind::Markdown.into(),
    }
}

fn block(block: &Block) -> wire::schema::Block {
    wire::schema::Block {
        attributes: block.attributes.iter().map(attribute).collect(),
        block_types: block.blocks.iter().map(nested_block).collect(),
        description: block.description.to_owned(),
        description_kind: wire::StringKind::Markdown.into(),
        ..Default::default()
    }
}

fn attribute(attribute: &Attribute) -> wire::schema::Attribute {
    let (r#type, nested_type) = match &attribute.shape {
        AttributeShape::Plain(ty) => (type_json::encode(ty), None),
        AttributeShape::Nested(nesting, attributes) => (Vec::new(), Some(object(*nesting, attributes))),
    };
    wire::schema::Attribute {
        name: attribute.name.to_owned(),
        r#type,
        nested_type,
        description: attribute.documentation().into_owned(),
        description_kind: wire::StringKind::Markdown.into(),
        required: attribute.presence.is_required(),
        optional: attribute.presence.is_optional(),
        computed: attribute.presence.is_computed(),
        sensitive: attribute.sensitive,
        write_only: attribute.write_only,
        deprecated: attribute.deprecation.is_some(),
        deprecation_message: attribute.deprecation.unwrap_or_default().to_owned(),
    }
}

fn object(nesting: Nesting, attributes: &[Attribute]) -> wire::schema::Object {
    let nesting = match nesting {
        Nesting::Single => ObjectNesting::Single,
        Nesting::List => ObjectNesting::List,
        Nesting::Set => ObjectNesting::Set,
        Nesting::Map => ObjectNesting::Map,
    };
    wire::schema::Object {
        attributes: attributes.iter().map(attribute).collect(),
        nesting: nesting.into(),
        ..Default::default()
    }
}

fn nested_block(nested: &NestedBlock) -> wire::schema::NestedBlock {
    let nesting = match nested.nesting {
        Nesting::Single => BlockNesting::Single,
        Nesting::List => BlockNesting::List,
        Nesting::Set => BlockNesting::Set,
        Nesting::Map => BlockNesting::Map,
    };
    let (min_items, max_items) = nested.limits;
    wire::schema::NestedBlock {
        type_name: nested.name.to_owned(),
        block: Some(block(&nested.block)),
        nesting: nesting.into(),
        min_items,
        max_items,
    }
}
