//! Decodes wire messages into Terraform's vocabulary: one function per message, no decisions.

use crate::terraform::diagnostic::{Diagnostic, Diagnostics};
use crate::terraform::managed_resource::Definition;
use crate::terraform::resource::ImportTarget;
use crate::terraform::resource_requests::{ApplyRequest, ClientCapabilities, PlanRequest, ReadRequest};
use crate::terraform::ty::Type;
use crate::terraform::value::Value;
use crate::wire::tfplugin6 as wire;

use super::codec_error::CodecError;
use super::{json, msgpack};

/// The error is a value that cannot be decoded: a bug on either side, because Terraform encodes by our schema.
type DecodeResult<T> = Result<T, Diagnostics>;

/// Decodes a value. One that is absent, or empty in both forms, is null (tfplugin6, DynamicValue).
pub(super) fn value(
    message: Option<&wire::DynamicValue>,
    ty: &Type,
    part: &'static str,
) -> DecodeResult<Value> {
    let decoded = match message {
        Some(value) if !value.msgpack.is_empty() => msgpack::decode(&value.msgpack, ty),
        Some(value) if !value.json.is_empty() => json::decode(&value.json, ty),
        _ => Ok(Value::Null),
    };
    decoded.map_err(|error| undecodable(part, &error))
}

/// Decodes a stored state of the given type. Attributes that the type does not have are ignored.
pub(super) fn raw_state(
    message: Option<&wire::RawState>,
    ty: &Type,
    part: &'static str,
) -> DecodeResult<Value> {
    let Some(state) = message else { return Ok(Value::Null) };
    if !state.flatmap.is_empty() {
        return Err(Diagnostic::error(
            "Stored state is too old",
            "It has the format that Terraform used before 0.12, which this provider never wrote. Remove the resource \
             from the state and import it again.",
        )
        .into());
    }
    if state.json.is_empty() {
        return Ok(Value::Null);
    }
    json::decode_stored(&state.json, ty).map_err(|error| undecodable(part, &error))
}

/// ReadResource.
pub(super) fn read_request(
    request: wire::read_resource::Request,
    definition: &Definition,
) -> DecodeResult<ReadRequest> {
    Ok(ReadRequest {
        current_state: value(request.current_state.as_ref(), definition.ty(), "current state")?,
        private: request.private,
        current_identity: identity(request.current_identity.as_ref(), definition)?,
    })
}

/// PlanResourceChange.
pub(super) fn plan_request(
    request: wire::plan_resource_change::Request,
    definition: &Definition,
) -> DecodeResult<PlanRequest> {
    Ok(PlanRequest {
        config: value(request.config.as_ref(), definition.ty(), "configuration")?,
        prior_state: value(request.prior_state.as_ref(), definition.ty(), "prior state")?,
        proposed_new_state: value(
            request.proposed_new_state.as_ref(),
            definition.ty(),
            "proposed new state",
        )?,
        prior_private: request.prior_private,
        prior_identity: identity(request.prior_identity.as_ref(), definition)?,
        planned_private: request.planned_private,
        client_capabilities: client_capabilities(request.client_capabilities.as_ref()),
    })
}

/// ClientCapabilities; none if the message is absent.
pub(super) fn client_capabilities(message: Option<&wire::ClientCapabilities>) -> Option<ClientCapabilities> {
    message.map(|capabilities| ClientCapabilities {
        deferral_allowed: capabilities.deferral_allowed,
        write_only_attributes_allowed: capabilities.write_only_attributes_allowed,
    })
}

/// ApplyResourceChange.
pub(super) fn apply_request(
    request: wire::apply_resource_change::Request,
    definition: &Definition,
) -> DecodeResult<ApplyRequest> {
    Ok(ApplyRequest {
        prior_state: value(request.prior_state.as_ref(), definition.ty(), "prior state")?,
        planned_state: value(request.planned_state.as_ref(), definition.ty(), "planned state")?,
        config: value(request.config.as_ref(), definition.ty(), "configuration")?,
        planned_private: request.planned_private,
    })
}

/// ImportResourceState: the identity if there is one, otherwise the id.
pub(super) fn import_target(
    request: wire::import_resource_state::Request,
    definition: &Definition,
) -> DecodeResult<ImportTarget> {
    Ok(match identity(request.identity.as_ref(), definition)? {
        Some(identity) => ImportTarget::Identity(identity),
        None => ImportTarget::Id(request.id),
    })
}

fn identity(
    message: Option<&wire::ResourceIdentityData>,
    definition: &Definition,
) -> DecodeResult<Option<Value>> {
    let data = message.and_then(|identity| identity.identity_data.as_ref());
    let identity = value(data, &definition.identity_ty, "identity")?;
    Ok((!identity.is_null()).then_some(identity))
}

fn undecodable(part: &str, error: &CodecError) -> Diagnostics {
    Diagnostic::error(
        format!("The {part} from Terraform cannot be decoded"),
        format!(
            "{error}\n\nThis is a bug in the provider or in Terraform. Please report it with the versions of both. \
             Nothing was changed."
        ),
    )
    .into()
}
