//! `deviceManagement/deviceConfigurationConflictSummary`: list.

use axum::http::Method;

use super::INTUNE_PAGE;
use crate::emulator::model::conflict_summary::{MEMBERS, StoredConflictSummary, TYPE_NAME};
use crate::emulator::odata::page::CollectionRow;
use crate::emulator::response::ServiceResponse;
use crate::emulator::routed_request::RoutedRequest;
use crate::emulator::service_error::ServiceError;
use crate::emulator::state::TenantState;

/// Serves the collection.
pub fn answer(request: &RoutedRequest<'_>, state: &TenantState) -> Result<ServiceResponse, ServiceError> {
    if request.incoming.method != Method::GET {
        return Err(request.route_error());
    }
    request.query.allow(&["$select", "$top", "$skiptoken"])?;
    request.query.check_select(TYPE_NAME, &MEMBERS)?;
    let row = |conflict: &StoredConflictSummary| {
        CollectionRow::new(&conflict.id, conflict.render(), &request.query)
    };
    let rows = state.conflict_summaries.iter().map(row).collect();
    let fragment = request.query.context_of(&format!("deviceManagement/{TYPE_NAME}"));
    Ok(request.collection(&fragment, rows, INTUNE_PAGE))
}
