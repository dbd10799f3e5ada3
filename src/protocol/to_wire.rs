//! From Terraform's vocabulary to wire messages: one function per message, no decisions.

use crate::terraform::attribute_path::{AttributePath, Step};
use crate::terraform::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::terraform::managed_resource::{ApplyAnswer, Definition, ImportAnswer, PlanAnswer, ReadAnswer};
use crate::terraform::ty::Type;
use crate::terraform::value::Value;
use crate::wire::tfplugin6 as wire;
use crate::wire::tfplugin6::attribute_path::step::Selector;

use super::codec_error::CodecError;
use super::msgpack;
use super::terminal::printable;

/// ReadResource. A state that cannot be written becomes an error, and the caller's own state stays.
pub(super) fn read_response(answer: ReadAnswer, definition: &Definition) -> wire::read_resource::Response {
    let mut diagnostics = answer.diagnostics;
    wire::read_resource::Response {
        new_state: value(&answer.new_state, &definition.ty, "state", &mut diagnostics),
        new_identity: identity(answer.new_identity.as_ref(), definition, &mut diagnostics),
        private: answer.private,
        diagnostics: self::diagnostics(diagnostics),
        deferred: None,
    }
}

/// PlanResourceChange.
pub(super) fn plan_response(
    answer: PlanAnswer,
    definition: &Definition,
) -> wire::plan_resource_change::Response {
    let mut diagnostics = answer.diagnostics;
    wire::plan_resource_change::Response {
        planned_state: value(&answer.planned_state, &definition.ty, "planned state", &mut diagnostics),
        requires_replace: answer.requires_replace.iter().map(attribute_path).collect(),
        planned_private: answer.planned_private,
        planned_identity: identity(answer.planned_identity.as_ref(), definition, &mut diagnostics),
        diagnostics: self::diagnostics(diagnostics),
        ..Default::default()
    }
}

/// ApplyResourceChange.
pub(super) fn apply_response(
    answer: ApplyAnswer,
    definition: &Definition,
) -> wire::apply_resource_change::Response {
    let mut diagnostics = answer.diagnostics;
    wire::apply_resource_change::Response {
        new_state: value(&answer.new_state, &definition.ty, "state", &mut diagnostics),
        private: answer.private,
        new_identity: identity(answer.new_identity.as_ref(), definition, &mut diagnostics),
        diagnostics: self::diagnostics(diagnostics),
        ..Default::default()
    }
}

/// ImportResourceState: one resource, or none beside an error.
pub(super) fn import_response(
    answer: ImportAnswer,
    definition: &Definition,
) -> wire::import_resource_state::Response {
    let mut diagnostics = answer.diagnostics;
    let imported_resources = if answer.state.is_null() {
        Vec::new()
    } else {
        vec![wire::import_resource_state::ImportedResource {
            type_name: definition.type_name.to_owned(),
            state: value(&answer.state, &definition.ty, "imported state", &mut diagnostics),
            private: answer.private,
            identity: identity(answer.identity.as_ref(), definition, &mut diagnostics),
        }]
    };
    wire::import_resource_state::Response {
        imported_resources,
        diagnostics: self::diagnostics(diagnostics),
        deferred: None,
    }
}

/// A value. One that does not fit its type is a bug of ours: it is left out, and said so.
pub(super) fn value(
    value: &Value,
    ty: &Type,
    part: &'static str,
    diagnostics: &mut Diagnostics,
) -> Option<wire::DynamicValue> {
    match msgpack::encode(value, ty) {
        Ok(msgpack) => Some(wire::DynamicValue { msgpack, json: Vec::new() }),
        Err(error) => {
            diagnostics.push(unwritable(part, &error));
            None
        }
    }
}

/// The identity of an object, by its identity schema.
pub(super) fn identity(
    identity: Option<&Value>,
    definition: &Definition,
    diagnostics: &mut Diagnostics,
) -> Option<wire::ResourceIdentityData> {
    let identity_data = value(identity?, &definition.identity_ty, "identity", diagnostics)?;
    Some(wire::ResourceIdentityData { identity_data: Some(identity_data) })
}

/// Diagnostics, in their order.
pub(super) fn diagnostics(diagnostics: Diagnostics) -> Vec<wire::Diagnostic> {
    diagnostics.into_iter().map(diagnostic).collect()
}

/// One diagnostic.
pub(super) fn diagnostic(diagnostic: Diagnostic) -> wire::Diagnostic {
    let severity = match diagnostic.severity {
        Severity::Error => wire::diagnostic::Severity::Error,
        Severity::Warning => wire::diagnostic::Severity::Warning,
    };
    wire::Diagnostic {
        severity: severity.into(),
        summary: printable(diagnostic.summary),
        detail: printable(diagnostic.detail),
        attribute: diagnostic.path.as_ref().map(attribute_path),
    }
}

fn attribute_path(path: &AttributePath) -> wire::AttributePath {
    let steps = path.steps().iter().map(|step| {
        let selector = match step {
            Step::Attribute(name) => Selector::AttributeName(name.clone()),
            Step::Key(key) => Selector::ElementKeyString(key.clone()),
            Step::Index(index) => Selector::ElementKeyInt(*index),
        };
        wire::attribute_path::Step { selector: Some(selector) }
    });
    wire::AttributePath { steps: steps.collect() }
}

fn unwritable(part: &str, error: &CodecError) -> Diagnostic {
    Diagnostic::error(
        format!("The {part} does not fit the provider's own schema"),
        format!("{error}\n\nThis is a bug in the provider. Please report it with the provider's version."),
    )
}
