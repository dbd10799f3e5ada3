//! `deviceManagement/assignmentFilters`, which exists in beta only: list, get, create, delete.

use axum::http::Method;
use serde_json::{Map, Value};

use super::INTUNE_PAGE;
use crate::emulator::model::assignment_filter::{MEMBERS, StoredFilter, TYPE_NAME};
use crate::emulator::odata::page::CollectionRow;
use crate::emulator::response::ServiceResponse;
use crate::emulator::routed_request::RoutedRequest;
use crate::emulator::service_error::ServiceError;
use crate::emulator::state::TenantState;
use crate::emulator::timestamp::now;

const COLLECTION: &str = "deviceManagement/assignmentFilters";

/// Serves the collection and its entities.
pub fn answer(
    request: &RoutedRequest<'_>,
    below: &[&str],
    state: &mut TenantState,
) -> Result<ServiceResponse, ServiceError> {
    if let [id, ..] = below {
        request.check_key(id)?;
    }
    match (&request.incoming.method, below) {
        (&Method::GET, []) => list(request, state),
        (&Method::POST, []) => create(request, state),
        (&Method::GET, [id]) => get(request, id, state),
        (&Method::DELETE, [id]) => delete(request, id, state),
        _ => Err(request.route_error()),
    }
}

fn list(request: &RoutedRequest<'_>, state: &TenantState) -> Result<ServiceResponse, ServiceError> {
    // It is not known whether `$filter` works here; clients list all filters and compare names themselves.
    request.query.allow(&["$select", "$top", "$skiptoken", "$orderby", "$count"])?;
    request.query.check_select(TYPE_NAME, &MEMBERS)?;
    request.query.check_order_by(TYPE_NAME, &["id", "displayName"])?;
    let row = |filter: &StoredFilter| CollectionRow {
        members: shown(request, filter, state),
        ..CollectionRow::new(&filter.id, filter.render(&[]), &request.query)
    };
    let rows = state.filters.iter().map(row).collect();
    Ok(request.collection(&request.query.context_of(COLLECTION), rows, INTUNE_PAGE))
}

fn create(request: &RoutedRequest<'_>, state: &mut TenantState) -> Result<ServiceResponse, ServiceError> {
    let filter = StoredFilter::from_request(request.json()?, &now())?;
    let answer =
        ServiceResponse::entity(201, request.context(&format!("{COLLECTION}/$entity")), filter.render(&[]));
    state.filters.push(filter);
    Ok(answer)
}

fn get(request: &RoutedRequest<'_>, id: &str, state: &TenantState) -> Result<ServiceResponse, ServiceError> {
    request.query.allow(&["$select"])?;
    request.query.check_select(TYPE_NAME, &MEMBERS)?;
    let filter = state.filter(id).ok_or_else(ServiceError::intune_not_found)?;
    let context = request.context(&format!("{}/$entity", request.query.context_of(COLLECTION)));
    Ok(ServiceResponse::entity(200, context, shown(request, filter, state)))
}

/// A filter in use cannot be deleted.
fn delete(
    request: &RoutedRequest<'_>,
    id: &str,
    state: &mut TenantState,
) -> Result<ServiceResponse, ServiceError> {
    if !state.uses_of(id).is_empty() {
        return Err(ServiceError::intune_bad_request(
            "The assignment filter has existing assignments and cannot be deleted.",
        ));
    }
    if state.remove_filter(id) { Ok(request.deleted()) } else { Err(ServiceError::intune_not_found()) }
}

fn shown(request: &RoutedRequest<'_>, filter: &StoredFilter, state: &TenantState) -> Map<String, Value> {
    let mut members = filter.render(&state.uses_of(&filter.id));
    let id = members.get("id").cloned().unwrap_or_default();
    members = request.query.selected(members);
    // IntuneCD selects only the name and relies on the id.
    members.insert("id".to_owned(), id);
    members
}
