//! Upgrades stored states to the current version, and moves states between registry hosts of the provider. Works on
//! an unconfigured provider.

use crate::provider::Provider;
use crate::terraform::diagnostic::{Diagnostic, Diagnostics};
use crate::terraform::managed_resource::{Definition, PRIVATE_MARKER};
use crate::wire::tfplugin6 as wire;

use super::{from_wire, to_wire};

/// UpgradeResourceState. Terraform calls it in every run, even for the current version.
pub(super) fn upgrade(
    provider: &Provider,
    request: &wire::upgrade_resource_state::Request,
) -> Result<wire::upgrade_resource_state::Response, Diagnostics> {
    let resource = provider.resource(&request.type_name)?;
    let definition = resource.definition();
    let ty = definition
        .stored_type(request.version)
        .ok_or_else(|| unknown_state_version(definition, request.version))?;
    let stored = from_wire::raw_state(request.raw_state.as_ref(), ty, "stored state")?;
    let state = resource.upgrade_state(request.version, stored)?;
    let mut diagnostics = Diagnostics::new();
    Ok(wire::upgrade_resource_state::Response {
        upgraded_state: to_wire::value(&state, definition.ty(), "upgraded state", &mut diagnostics),
        diagnostics: to_wire::diagnostics(diagnostics),
    })
}

/// MoveResourceState. The source may be any resource of any provider; only the provider's own types can be moved.
pub(super) fn move_state(
    provider: &Provider,
    request: &wire::move_resource_state::Request,
) -> Result<wire::move_resource_state::Response, Diagnostics> {
    let is_own = is_own_address(&request.source_provider_address);
    if !is_own || request.source_type_name != request.target_type_name {
        return Err(unsupported_source(request));
    }
    let resource = provider.resource(&request.target_type_name)?;
    let definition = resource.definition();
    let version = request.source_schema_version;
    let ty = definition.stored_type(version).ok_or_else(|| unknown_state_version(definition, version))?;
    let stored = from_wire::raw_state(request.source_state.as_ref(), ty, "state to move")?;
    // Terraform would interpret a null state as a plan to create.
    if stored.is_null() {
        return Err(unsupported_source(request));
    }
    let state = resource.upgrade_state(version, stored)?;
    let identity = resource.identity(&state);
    let mut diagnostics = Diagnostics::new();
    Ok(wire::move_resource_state::Response {
        target_state: to_wire::value(&state, definition.ty(), "moved state", &mut diagnostics),
        target_private: PRIVATE_MARKER.to_vec(),
        target_identity: to_wire::identity(identity.as_ref(), definition, &mut diagnostics),
        diagnostics: to_wire::diagnostics(diagnostics),
    })
}

/// Whether a full provider address, `HOST/NAMESPACE/TYPE`, is this provider on any host.
fn is_own_address(address: &str) -> bool {
    address.split_once('/').is_some_and(|(_host, address)| address.eq_ignore_ascii_case(Provider::ADDRESS))
}

fn unsupported_source(request: &wire::move_resource_state::Request) -> Diagnostics {
    Diagnostic::error(
        format!("State of {} cannot be moved to {}", request.source_type_name, request.target_type_name),
        format!(
            "The source is {} of the provider {}. {} accepts only state of its own type, from {} on any registry \
             host.\nNext: remove the old resource from the state without destroying it (a \"removed\" block with \
             destroy = false), then import the policy. Nothing was changed.",
            request.source_type_name,
            request.source_provider_address,
            request.target_type_name,
            Provider::ADDRESS,
        ),
    )
    .into()
}

fn unknown_state_version(definition: &Definition, version: i64) -> Diagnostics {
    Diagnostic::error(
        format!("Stored state of {} has an unknown version", definition.type_name),
        format!(
            "The state has schema version {version}, but this provider writes version {}. It was probably written by a \
             newer release of the provider: use that release or a later one. The state is unchanged.",
            definition.schema.version
        ),
    )
    .into()
}
