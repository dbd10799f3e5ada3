//! `deviceManagement/roleScopeTags`: list and get.

use axum::http::Method;

use super::INTUNE_PAGE;
use crate::emulator::model::role_scope_tag::{MEMBERS, StoredScopeTag, TYPE_NAME};
use crate::emulator::odata::page::CollectionRow;
use crate::emulator::response::ServiceResponse;
use crate::emulator::routed_request::RoutedRequest;
use crate::emulator::service_error::ServiceError;
use crate::emulator::state::TenantState;

const COLLECTION: &str = "deviceManagement/roleScopeTags";

/// Serves the collection and its entities.
pub fn answer(
    request: &RoutedRequest<'_>,
    below: &[&str],
    state: &TenantState,
) -> Result<ServiceResponse, ServiceError> {
    request.query.allow(&["$select", "$top", "$skiptoken"])?;
    request.query.check_select(TYPE_NAME, &MEMBERS)?;
    match (&request.incoming.method, below) {
        (&Method::GET, []) => {
            let row = |tag: &StoredScopeTag| CollectionRow::new(&tag.id, tag.render(), &request.query);
            let rows = state.scope_tags.iter().map(row).collect();
            Ok(request.collection(&request.query.context_of(COLLECTION), rows, INTUNE_PAGE))
        }
        (&Method::GET, [id]) => {
            let tag = state.scope_tags.iter().find(|tag| tag.id == *id);
            let members = tag.ok_or_else(ServiceError::intune_not_found)?.render();
            let context = request.context(&format!("{}/$entity", request.query.context_of(COLLECTION)));
            Ok(ServiceResponse::entity(200, context, request.query.selected(members)))
        }
        // Tags are not assigned to anyone here.
        (&Method::GET, [_, "assignments"]) => {
            let fragment = format!("{COLLECTION}/assignments");
            Ok(request.collection(&fragment, Vec::new(), INTUNE_PAGE))
        }
        _ => Err(request.route_error()),
    }
}
