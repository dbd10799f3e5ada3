//! `…/deviceConfigurations/{id}/assignments`: lists the rows of one policy, and adds or removes single rows.
//! Replacing the whole set is in `assign.rs`.

use serde_json::{Value, json};

use super::{INTUNE_PAGE, target_rules};
use crate::emulator::model::assignment::{self, SentAssignment, StoredAssignment};
use crate::emulator::model::policy::StoredPolicy;
use crate::emulator::odata::page::{CollectionPage, CollectionRow, next_link};
use crate::emulator::odata::query::QueryOptions;
use crate::emulator::response::ServiceResponse;
use crate::emulator::routed_request::RoutedRequest;
use crate::emulator::service_error::ServiceError;
use crate::emulator::state::TenantState;

/// Serves the assignments of the policy `id`.
pub fn answer(
    request: &RoutedRequest<'_>,
    id: &str,
    below: &[&str],
    state: &mut TenantState,
) -> Result<ServiceResponse, ServiceError> {
    match (request.incoming.method.as_str(), below) {
        ("GET", []) => list(request, policy(state, id)?),
        ("POST", []) => add(request, id, state),
        ("GET", [row]) => get(request, policy(state, id)?, row),
        ("DELETE", [row]) => delete(request, id, row, state),
        _ => Err(request.route_error()),
    }
}

/// The first rows for an expansion or an action, and the link to the rest.
pub fn first_page(request: &RoutedRequest<'_>, policy: &StoredPolicy) -> (Vec<Value>, Option<String>) {
    page_of(request, policy, policy.assignments.iter())
}

/// The same for a part of the rows.
pub fn page_of<'a>(
    request: &RoutedRequest<'_>,
    policy: &StoredPolicy,
    assignments: impl Iterator<Item = &'a StoredAssignment>,
) -> (Vec<Value>, Option<String>) {
    let query = QueryOptions::default();
    let page = CollectionPage::select(
        rows(request, assignments),
        &query,
        request.options.page_size.unwrap_or(INTUNE_PAGE),
    );
    let path =
        format!("/{}/deviceManagement/deviceConfigurations('{}')/assignments", request.version(), policy.id);
    let link = page.next.map(|token| next_link(&request.incoming.origin, &path, &query, token));
    (page.rows.into_iter().map(|row| Value::Object(row.members)).collect(), link)
}

fn list(request: &RoutedRequest<'_>, policy: &StoredPolicy) -> Result<ServiceResponse, ServiceError> {
    request.query.allow(&["$select", "$top", "$skiptoken", "$count"])?;
    check_names(request)?;
    let fragment = request.query.context_of(&fragment(policy));
    Ok(request.collection(&fragment, rows(request, policy.assignments.iter()), INTUNE_PAGE))
}

fn get(
    request: &RoutedRequest<'_>,
    policy: &StoredPolicy,
    row: &str,
) -> Result<ServiceResponse, ServiceError> {
    request.query.allow(&["$select"])?;
    check_names(request)?;
    let found = policy.assignments.iter().find(|found| found.id.eq_ignore_ascii_case(row));
    Ok(entity(request, 200, policy, found.ok_or_else(ServiceError::intune_not_found)?))
}

fn add(
    request: &RoutedRequest<'_>,
    id: &str,
    state: &mut TenantState,
) -> Result<ServiceResponse, ServiceError> {
    request.query.allow(&[])?;
    let sent = SentAssignment::read(request.json()?, request.version(), "")?;
    let found = policy(state, id)?;
    let sent = target_rules::checked(request, state, found, sent)?;
    let policy = state.policy_mut(id).ok_or_else(ServiceError::intune_not_found)?;
    let added = StoredAssignment::direct(&policy.id, sent);
    let exists =
        policy.assignments.iter().any(|row| row.is_direct() && row.id.eq_ignore_ascii_case(&added.id));
    request
        .semantics()
        .added_target_exists
        .check(exists, || format!("An assignment with the id {} exists already.", added.id))?;
    policy.assignments.retain(|row| !(row.is_direct() && row.id.eq_ignore_ascii_case(&added.id)));
    policy.assignments.push(added.clone());
    Ok(entity(request, 201, policy, &added))
}

fn delete(
    request: &RoutedRequest<'_>,
    id: &str,
    row: &str,
    state: &mut TenantState,
) -> Result<ServiceResponse, ServiceError> {
    let semantics = request.semantics();
    let policy = state.policy_mut(id).ok_or_else(ServiceError::intune_not_found)?;
    let named = |found: &StoredAssignment| found.id.eq_ignore_ascii_case(row);
    // A group may appear twice with the same id, directly and from a policy set: delete the direct row.
    let position = policy.assignments.iter().position(|found| named(found) && found.is_direct());
    let position = position.or_else(|| policy.assignments.iter().position(named));
    let position = position.ok_or_else(ServiceError::intune_not_found)?;
    let inherited = policy.assignments.get(position).is_some_and(|found| !found.is_direct());
    semantics
        .policy_set_row_deleted
        .check(inherited, || "An assignment of a policy set cannot be removed here.".to_owned())?;
    policy.assignments.remove(position);
    Ok(ServiceResponse::no_content())
}

fn policy<'a>(state: &'a TenantState, id: &str) -> Result<&'a StoredPolicy, ServiceError> {
    state.policy(id).ok_or_else(ServiceError::intune_not_found)
}

fn check_names(request: &RoutedRequest<'_>) -> Result<(), ServiceError> {
    let known: &[&str] = if request.version().is_beta() {
        &["id", "target", "source", "sourceId", "intent"]
    } else {
        &["id", "target"]
    };
    request.query.check_select(assignment::TYPE_NAME, known)
}

fn fragment(policy: &StoredPolicy) -> String {
    format!("deviceManagement/deviceConfigurations('{}')/assignments", policy.id)
}

fn rows<'a>(
    request: &RoutedRequest<'_>,
    assignments: impl Iterator<Item = &'a StoredAssignment>,
) -> Vec<CollectionRow> {
    let expansion = request.query.expansion("assignments");
    let render = |row: &StoredAssignment| {
        let members = row.render(request.version());
        // With `$expand`, the outer `$select` names members of the policy, the inner one those of its rows.
        let members = match expansion {
            Some(expansion) => expansion.selected(members),
            None => request.query.selected(members),
        };
        CollectionRow { id: row.id.clone(), members, sort_key: String::new() }
    };
    assignments.map(render).collect()
}

fn entity(
    request: &RoutedRequest<'_>,
    status: u16,
    policy: &StoredPolicy,
    row: &StoredAssignment,
) -> ServiceResponse {
    let context = request.context(&format!("{}/$entity", request.query.context_of(&fragment(policy))));
    let mut members = request.query.selected(row.render(request.version()));
    members.insert("@odata.context".to_owned(), json!(context));
    ServiceResponse::json(status, members)
}
