//! Encodes Terraform's vocabulary as wire messages: one function per message, no decisions.

use crate::terraform::attribute_path::{AttributePath, PathStep};
use crate::terraform::data_source::{DataSourceDefinition, DataSourceResponse};
use crate::terraform::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::terraform::managed_resource::Definition;
use crate::terraform::resource_requests::{ApplyResponse, ImportResponse, PlanResponse, ReadResponse};
use crate::terraform::ty::Type;
use crate::terraform::value::Value;
use crate::wire::tfplugin6 as wire;
use crate::wire::tfplugin6::attribute_path::step::Selector;

use super::codec_error::CodecError;
use super::msgpack;
use super::terminal::sanitize;

/// ReadResource. A state that cannot be encoded becomes an error, and Terraform keeps its own state.
pub(super) fn read_response(
    response: ReadResponse,
    definition: &Definition,
) -> wire::read_resource::Response {
    let mut diagnostics = response.diagnostics;
    wire::read_resource::Response {
        new_state: value(&response.new_state, definition.ty(), "state", &mut diagnostics),
        new_identity: identity(response.new_identity.as_ref(), definition, &mut diagnostics),
        private: response.private,
        diagnostics: self::diagnostics(diagnostics),
        deferred: None,
    }
}

/// PlanResourceChange.
pub(super) fn plan_response(
    response: PlanResponse,
    definition: &Definition,
) -> wire::plan_resource_change::Response {
    let mut diagnostics = response.diagnostics;
    wire::plan_resource_change::Response {
        planned_state: value(&response.planned_state, definition.ty(), "planned state", &mut diagnostics),
        requires_replace: response.requires_replace.iter().map(attribute_path).collect(),
        planned_private: response.planned_private,
        planned_identity: identity(response.planned_identity.as_ref(), definition, &mut diagnostics),
        diagnostics: self::diagnostics(diagnostics),
        ..Default::default()
    }
}

/// ApplyResourceChange.
pub(super) fn apply_response(
    response: ApplyResponse,
    definition: &Definition,
) -> wire::apply_resource_change::Response {
    let mut diagnostics = response.diagnostics;
    wire::apply_resource_change::Response {
        new_state: value(&response.new_state, definition.ty(), "state", &mut diagnostics),
        private: response.private,
        new_identity: identity(response.new_identity.as_ref(), definition, &mut diagnostics),
        diagnostics: self::diagnostics(diagnostics),
        ..Default::default()
    }
}

/// ImportResourceState: one resource, or none with an error.
pub(super) fn import_response(
    response: ImportResponse,
    definition: &Definition,
) -> wire::import_resource_state::Response {
    let mut diagnostics = response.diagnostics;
    let imported_resources = if response.state.is_null() {
        Vec::new()
    } else {
        vec![wire::import_resource_state::ImportedResource {
            type_name: definition.type_name.to_owned(),
            state: value(&response.state, definition.ty(), "imported state", &mut diagnostics),
            private: response.private,
            identity: identity(response.identity.as_ref(), definition, &mut diagnostics),
        }]
    };
    wire::import_resource_state::Response {
        imported_resources,
        diagnostics: self::diagnostics(diagnostics),
        deferred: None,
    }
}

/// ReadDataSource: the result, or none with an error.
pub(super) fn data_source_response(
    response: DataSourceResponse,
    definition: &DataSourceDefinition,
) -> wire::read_data_source::Response {
    let DataSourceResponse { state, mut diagnostics } = response;
    let state =
        if state.is_null() { None } else { value(&state, definition.ty(), "result", &mut diagnostics) };
    wire::read_data_source::Response { state, diagnostics: self::diagnostics(diagnostics), deferred: None }
}

/// Encodes a value. A value that does not match its type, a bug in the provider, is omitted with an error.
pub(super) fn value(
    value: &Value,
    ty: &Type,
    part: &'static str,
    diagnostics: &mut Diagnostics,
) -> Option<wire::DynamicValue> {
    match msgpack::encode(value, ty) {
        Ok(msgpack) => Some(wire::DynamicValue { msgpack, json: Vec::new() }),
        Err(error) => {
            diagnostics.push(unencodable(part, &error));
            None
        }
    }
}

/// Encodes an identity.
pub(super) fn identity(
    identity: Option<&Value>,
    definition: &Definition,
    diagnostics: &mut Diagnostics,
) -> Option<wire::ResourceIdentityData> {
    let identity_data = value(identity?, &definition.identity_ty, "identity", diagnostics)?;
    Some(wire::ResourceIdentityData { identity_data: Some(identity_data) })
}

/// Encodes diagnostics in their order.
pub(super) fn diagnostics(diagnostics: Diagnostics) -> Vec<wire::Diagnostic> {
    diagnostics.into_iter().map(diagnostic).collect()
}

/// Encodes one diagnostic.
pub(super) fn diagnostic(diagnostic: Diagnostic) -> wire::Diagnostic {
    let severity = match diagnostic.severity {
        Severity::Error => wire::diagnostic::Severity::Error,
        Severity::Warning => wire::diagnostic::Severity::Warning,
    };
    wire::Diagnostic {
        severity: severity.into(),
        summary: sanitize(diagnostic.summary),
        detail: sanitize(diagnostic.detail),
        attribute: diagnostic.path.as_ref().map(attribute_path),
    }
}

fn attribute_path(path: &AttributePath) -> wire::AttributePath {
    let steps = path.steps().iter().map(|step| {
        let selector = match step {
            PathStep::Attribute(name) => Selector::AttributeName(name.clone()),
            PathStep::Key(key) => Selector::ElementKeyString(key.clone()),
            PathStep::Index(index) => Selector::ElementKeyInt(*index),
        };
        wire::attribute_path::Step { selector: Some(selector) }
    });
    wire::AttributePath { steps: steps.collect() }
}

fn unencodable(part: &str, error: &CodecError) -> Diagnostic {
    Diagnostic::error(
        format!("The {part} does not match the provider's own schema"),
        format!("{error}\n\nThis is a bug in the provider. Please report it with the provider's version."),
    )
}
