//! What the provider offers, as GetMetadata, GetProviderSchema and GetFunctions announce it.

use std::collections::HashMap;

use crate::provider::Provider;
use crate::wire::tfplugin6 as wire;

use super::schema_to_wire;

/// GetMetadata.
pub(super) fn metadata(provider: &Provider) -> wire::get_metadata::Response {
    let resources = provider.definitions().map(|definition| wire::get_metadata::ResourceMetadata {
        type_name: definition.type_name.to_owned(),
    });
    let data_sources = provider.data_sources().iter().map(|source| wire::get_metadata::DataSourceMetadata {
        type_name: source.definition().type_name.to_owned(),
    });
    let functions = provider
        .functions()
        .iter()
        .map(|function| wire::get_metadata::FunctionMetadata { name: function.signature().name.to_owned() });
    wire::get_metadata::Response {
        server_capabilities: Some(server_capabilities()),
        resources: resources.collect(),
        data_sources: data_sources.collect(),
        functions: functions.collect(),
        ..Default::default()
    }
}

/// GetProviderSchema.
pub(super) fn schemas(provider: &Provider) -> wire::get_provider_schema::Response {
    let resources = provider
        .definitions()
        .map(|definition| (definition.type_name.to_owned(), schema_to_wire::schema(&definition.schema)));
    let data_sources = provider.data_sources().iter().map(|source| {
        let definition = source.definition();
        (definition.type_name.to_owned(), schema_to_wire::schema(&definition.schema))
    });
    wire::get_provider_schema::Response {
        provider: Some(schema_to_wire::schema(provider.schema())),
        resource_schemas: resources.collect(),
        data_source_schemas: data_sources.collect(),
        functions: functions(provider),
        server_capabilities: Some(server_capabilities()),
        ..Default::default()
    }
}

/// The functions by name, for GetProviderSchema and GetFunctions.
pub(super) fn functions(provider: &Provider) -> HashMap<String, wire::Function> {
    let signatures = provider.functions().iter().map(|function| function.signature());
    signatures.map(|signature| (signature.name.to_owned(), schema_to_wire::function(&signature))).collect()
}

/// `plan_destroy`: the provider checks destroy plans too. `get_provider_schema_optional`: a process works without its
/// schema being read first. `move_resource_state`: the provider of a configuration may come from another registry
/// host.
fn server_capabilities() -> wire::ServerCapabilities {
    wire::ServerCapabilities {
        plan_destroy: true,
        get_provider_schema_optional: true,
        move_resource_state: true,
        generate_resource_config: false,
    }
}
