//! `deviceManagement/mobileThreatDefenseConnectors`: list and get.

use axum::http::Method;

use super::INTUNE_PAGE;
use crate::emulator::model::threat_defense_connector::{COLLECTION, StoredConnector, TYPE_NAME, members};
use crate::emulator::odata::page::CollectionRow;
use crate::emulator::response::ServiceResponse;
use crate::emulator::routed_request::RoutedRequest;
use crate::emulator::service_error::ServiceError;
use crate::emulator::state::TenantState;

/// Serves the collection and its entities.
pub fn answer(
    request: &RoutedRequest<'_>,
    below: &[&str],
    state: &TenantState,
) -> Result<ServiceResponse, ServiceError> {
    match (&request.incoming.method, below) {
        (&Method::GET, []) => list(request, state),
        (&Method::GET, [id]) => get(request, id, state),
        _ => Err(request.route_error()),
    }
}

fn list(request: &RoutedRequest<'_>, state: &TenantState) -> Result<ServiceResponse, ServiceError> {
    request.query.allow(&["$select", "$top", "$skiptoken"])?;
    request.query.check_select(TYPE_NAME, &members(request.version()))?;
    let row = |connector: &StoredConnector| {
        CollectionRow::new(&connector.id, connector.render(request.version()), &request.query)
    };
    let rows = state.threat_defense_connectors.iter().map(row).collect();
    Ok(request.collection(&context(request), rows, INTUNE_PAGE))
}

fn get(request: &RoutedRequest<'_>, id: &str, state: &TenantState) -> Result<ServiceResponse, ServiceError> {
    request.check_key(id)?;
    request.query.allow(&["$select"])?;
    request.query.check_select(TYPE_NAME, &members(request.version()))?;
    let found = state.threat_defense_connectors.iter().find(|found| found.id.eq_ignore_ascii_case(id));
    let shown = found.ok_or_else(ServiceError::intune_not_found)?.render(request.version());
    let context = request.context(&format!("{}/$entity", context(request)));
    Ok(ServiceResponse::entity(200, context, request.query.selected(shown)))
}

fn context(request: &RoutedRequest<'_>) -> String {
    request.query.context_of(&format!("deviceManagement/{COLLECTION}"))
}
