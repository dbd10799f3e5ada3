//! `groups` of the directory: list, get, create, delete, and the route to the members of one.

use axum::http::Method;
use serde_json::{Map, Value};

use super::{DIRECTORY_PAGE, group_members};
use crate::emulator::model::group::{MEMBERS, StoredGroup};
use crate::emulator::model::guid;
use crate::emulator::odata::filter::{FilterExpression, FilterOperator};
use crate::emulator::odata::page::CollectionRow;
use crate::emulator::response::ServiceResponse;
use crate::emulator::routed_request::RoutedRequest;
use crate::emulator::service_error::ServiceError;
use crate::emulator::state::TenantState;
use crate::emulator::timestamp::now;

/// The maximum of `$top` in the directory.
const MAX_TOP: usize = 999;

/// Serves the collection and its entities.
pub fn answer(
    request: &RoutedRequest<'_>,
    below: &[&str],
    state: &mut TenantState,
) -> Result<ServiceResponse, ServiceError> {
    match (&request.incoming.method, below) {
        (&Method::GET, []) => list(request, state),
        (&Method::POST, []) => create(request, state),
        (&Method::GET, [id]) => get(request, id, state),
        (&Method::DELETE, [id]) => delete(id, state),
        (_, [id, "transitiveMembers", below @ ..]) => group_members::answer(request, id, below, state),
        (_, [] | [_]) => Err(ServiceError::method_not_allowed()),
        (_, [_, other, ..]) => Err(ServiceError::unknown_segment(other)),
    }
}

fn list(request: &RoutedRequest<'_>, state: &TenantState) -> Result<ServiceResponse, ServiceError> {
    request.query.allow(&["$select", "$filter", "$top", "$skiptoken", "$orderby", "$count"])?;
    request.query.check_order_by("group", &["displayName"])?;
    check_advanced(request)?;
    request.query.check_select("group", &MEMBERS)?;
    if request.query.top.is_some_and(|top| top == 0 || top > MAX_TOP) {
        return Err(ServiceError::directory_bad_request(format!(
            "The page size of $top must be between 1 and {MAX_TOP}."
        )));
    }
    if let Some(filter) = request.query.filter.as_ref().filter(|filter| filter.property != "displayName") {
        let text = format!("Unsupported or invalid query filter clause for property '{}'.", filter.property);
        return Err(ServiceError::directory_bad_request(text));
    }
    let found =
        state.groups.iter().filter(|group| matches(request.query.filter.as_ref(), &group.display_name));
    let rows = found.map(|group| CollectionRow::new(&group.id, group.render(), &request.query)).collect();
    Ok(request.collection(&request.query.context_of("groups"), rows, DIRECTORY_PAGE))
}

/// `$count` and `$orderby` together with `$filter` are advanced queries ("Advanced query capabilities on Microsoft
/// Entra ID objects").
fn check_advanced(request: &RoutedRequest<'_>) -> Result<(), ServiceError> {
    let query = &request.query;
    let advanced = query.count || query.order_by.is_some() && query.filter.is_some();
    let eventual = request.incoming.is_eventual();
    if !advanced || eventual && (query.count || query.order_by.is_none()) {
        return Ok(());
    }
    Err(ServiceError::directory_bad_request(
        "This query needs the header 'ConsistencyLevel: eventual' and the query option '$count=true'.",
    ))
}

fn create(request: &RoutedRequest<'_>, state: &mut TenantState) -> Result<ServiceResponse, ServiceError> {
    let group = StoredGroup::from_request(request.json()?, &now())
        .map_err(|error| ServiceError::directory_bad_request(error.text))?;
    let answer = ServiceResponse::entity(201, request.context("groups/$entity"), group.render());
    state.groups.push(group);
    Ok(answer)
}

fn get(request: &RoutedRequest<'_>, id: &str, state: &TenantState) -> Result<ServiceResponse, ServiceError> {
    request.query.allow(&["$select"])?;
    request.query.check_select("group", &MEMBERS)?;
    let id = object_id(id)?;
    let group = state.group(&id).ok_or_else(|| ServiceError::directory_not_found(&id))?;
    let context = request.context(&format!("{}/$entity", request.query.context_of("groups")));
    Ok(ServiceResponse::entity(200, context, shown(request, group)))
}

fn delete(id: &str, state: &mut TenantState) -> Result<ServiceResponse, ServiceError> {
    let id = object_id(id)?;
    if state.remove_group(&id) {
        Ok(ServiceResponse::no_content())
    } else {
        Err(ServiceError::directory_not_found(&id))
    }
}

fn object_id(id: &str) -> Result<String, ServiceError> {
    guid(id).ok_or_else(|| ServiceError::directory_bad_request(format!("Invalid object identifier '{id}'.")))
}

/// The directory ignores case.
fn matches(filter: Option<&FilterExpression>, name: &str) -> bool {
    let Some(filter) = filter else { return true };
    let (name, literal) = (name.to_lowercase(), filter.literal.to_lowercase());
    match filter.operator {
        FilterOperator::Equals => name == literal,
        FilterOperator::StartsWith => name.starts_with(&literal),
    }
}

fn shown(request: &RoutedRequest<'_>, group: &StoredGroup) -> Map<String, Value> {
    request.query.selected(group.render())
}
