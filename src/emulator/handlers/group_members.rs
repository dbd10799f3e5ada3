//! `groups/{id}/transitiveMembers`: the counts of a group's members. The members themselves are not modeled.

use axum::http::Method;

use super::DIRECTORY_PAGE;
use crate::emulator::model::guid;
use crate::emulator::model::transitive_members::TransitiveMemberCounts;
use crate::emulator::response::ServiceResponse;
use crate::emulator::routed_request::RoutedRequest;
use crate::emulator::semantics::BatchedCount;
use crate::emulator::service_error::ServiceError;
use crate::emulator::state::TenantState;

/// Serves the members of the group `id`.
pub fn answer(
    request: &RoutedRequest<'_>,
    id: &str,
    below: &[&str],
    state: &TenantState,
) -> Result<ServiceResponse, ServiceError> {
    if request.incoming.method != Method::GET {
        return Err(ServiceError::method_not_allowed());
    }
    match below {
        [] => list(request, id, state),
        ["$count"] => count(request, TransitiveMemberCounts::total, id, state),
        ["microsoft.graph.device", "$count"] => count(request, |counts| counts.devices.into(), id, state),
        ["microsoft.graph.user", "$count"] => count(request, |counts| counts.users.into(), id, state),
        [other, ..] => Err(ServiceError::unknown_segment(other)),
    }
}

/// Always empty.
fn list(request: &RoutedRequest<'_>, id: &str, state: &TenantState) -> Result<ServiceResponse, ServiceError> {
    request.query.allow(&["$select", "$top"])?;
    counts(state, id)?;
    Ok(request.collection("directoryObjects", Vec::new(), DIRECTORY_PAGE))
}

/// Only the directory's index can count, and the header asks for it (microsoft-graph-docs#11882).
fn count(
    request: &RoutedRequest<'_>,
    number: impl FnOnce(TransitiveMemberCounts) -> u64,
    id: &str,
    state: &TenantState,
) -> Result<ServiceResponse, ServiceError> {
    request.query.allow(&[])?;
    if !request.incoming.is_eventual() {
        return Err(ServiceError::directory_bad_request("$count is not currently supported."));
    }
    let number = number(counts(state, id)?);
    let as_text = request.incoming.batch.is_some() && request.semantics().batched_count == BatchedCount::Text;
    Ok(if as_text { ServiceResponse::count_as_text(number) } else { ServiceResponse::count(number) })
}

fn counts(state: &TenantState, id: &str) -> Result<TransitiveMemberCounts, ServiceError> {
    let id = guid(id)
        .ok_or_else(|| ServiceError::directory_bad_request(format!("Invalid object identifier '{id}'.")))?;
    let group = state.group(&id).ok_or_else(|| ServiceError::directory_not_found(&id))?;
    Ok(group.transitive_members)
}
