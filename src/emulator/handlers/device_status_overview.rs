//! `deviceConfigurations/{id}/deviceStatusOverview`: get.

use crate::emulator::model::assignable::AssignablePolicy;
use crate::emulator::model::device_status_overview::{DeviceStatusOverview, MEMBER, TYPE_NAME};
use crate::emulator::response::ServiceResponse;
use crate::emulator::routed_request::RoutedRequest;
use crate::emulator::service_error::ServiceError;
use crate::emulator::state::TenantState;

/// Serves the overview of the policy `id`.
pub fn get(
    request: &RoutedRequest<'_>,
    id: &str,
    state: &TenantState,
) -> Result<ServiceResponse, ServiceError> {
    request.query.allow(&["$select"])?;
    request.query.check_select(TYPE_NAME, &DeviceStatusOverview::members(request.version()))?;
    let policy = state.device_configuration(id).ok_or_else(ServiceError::intune_not_found)?;
    let fragment = format!("deviceManagement/deviceConfigurations('{}')/{MEMBER}", policy.id());
    let context = request.context(&format!("{}/$entity", request.query.context_of(&fragment)));
    let members = policy.device_status_overview(request.version());
    Ok(ServiceResponse::entity(200, context, request.query.selected(members)))
}
