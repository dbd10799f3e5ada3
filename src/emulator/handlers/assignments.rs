//! `…/{id}/assignments`: lists the rows of one policy, and adds or removes single rows.
//! Replacing the whole set is in `assign.rs`.

use serde_json::{Value, json};

use super::{INTUNE_PAGE, target_rules};
use crate::emulator::model::assignable::AssignablePolicy;
use crate::emulator::model::assignment::{SentAssignment, StoredAssignment};
use crate::emulator::model::policy_collection::PolicyCollection;
use crate::emulator::odata::page::{CollectionPage, CollectionRow, next_link};
use crate::emulator::odata::query::QueryOptions;
use crate::emulator::response::ServiceResponse;
use crate::emulator::routed_request::RoutedRequest;
use crate::emulator::service_error::ServiceError;
use crate::emulator::state::TenantState;

/// Serves the assignments of the policy `id`.
pub fn answer(
    request: &RoutedRequest<'_>,
    collection: PolicyCollection,
    id: &str,
    below: &[&str],
    state: &mut TenantState,
) -> Result<ServiceResponse, ServiceError> {
    match (request.incoming.method.as_str(), below) {
        ("GET", []) => list(request, collection, policy(state, collection, id)?),
        ("POST", []) => add(request, collection, id, state),
        ("GET", [row]) => get(request, collection, policy(state, collection, id)?, row),
        ("DELETE", [row]) => delete(request, collection, id, row, state),
        _ => Err(request.route_error()),
    }
}

/// The first rows for an expansion or an action, and the link to the rest.
pub fn first_page(
    request: &RoutedRequest<'_>,
    collection: PolicyCollection,
    policy: &dyn AssignablePolicy,
) -> (Vec<Value>, Option<String>) {
    page_of(request, collection, policy.id(), policy.assignments().iter())
}

/// The same for a part of the rows.
pub fn page_of<'a>(
    request: &RoutedRequest<'_>,
    collection: PolicyCollection,
    policy_id: &str,
    assignments: impl Iterator<Item = &'a StoredAssignment>,
) -> (Vec<Value>, Option<String>) {
    let query = QueryOptions::default();
    let page = CollectionPage::select(
        rows(request, collection, assignments),
        &query,
        request.options.page_size.unwrap_or(INTUNE_PAGE),
    );
    let path = format!("/{}/{}", request.version(), fragment(collection, policy_id));
    let link = page.next.map(|token| next_link(&request.incoming.origin, &path, &query, token));
    (page.rows.into_iter().map(|row| Value::Object(row.members)).collect(), link)
}

fn list(
    request: &RoutedRequest<'_>,
    collection: PolicyCollection,
    policy: &dyn AssignablePolicy,
) -> Result<ServiceResponse, ServiceError> {
    request.query.allow(&["$select", "$top", "$skiptoken", "$count"])?;
    check_names(request, collection)?;
    let fragment = request.query.context_of(&fragment(collection, policy.id()));
    let rows = rows(request, collection, policy.assignments().iter());
    Ok(request.collection(&fragment, rows, INTUNE_PAGE))
}

fn get(
    request: &RoutedRequest<'_>,
    collection: PolicyCollection,
    policy: &dyn AssignablePolicy,
    row: &str,
) -> Result<ServiceResponse, ServiceError> {
    request.query.allow(&["$select"])?;
    check_names(request, collection)?;
    let found = policy.assignments().iter().find(|found| found.id.eq_ignore_ascii_case(row));
    Ok(entity(request, collection, (200, policy.id()), found.ok_or_else(ServiceError::intune_not_found)?))
}

fn add(
    request: &RoutedRequest<'_>,
    collection: PolicyCollection,
    id: &str,
    state: &mut TenantState,
) -> Result<ServiceResponse, ServiceError> {
    request.query.allow(&[])?;
    let sent = SentAssignment::read(collection, request.json()?, request.version(), "")?;
    let found = policy(state, collection, id)?;
    let sent = target_rules::checked(request, state, found, sent)?;
    let policy = state.policy_mut(collection, id).ok_or_else(ServiceError::intune_not_found)?;
    let added = StoredAssignment::direct(policy.id(), sent);
    let exists =
        policy.assignments().iter().any(|row| row.is_direct() && row.id.eq_ignore_ascii_case(&added.id));
    request
        .semantics()
        .added_target_exists
        .check(exists, || format!("An assignment with the id {} exists already.", added.id))?;
    policy.assignments_mut().retain(|row| !(row.is_direct() && row.id.eq_ignore_ascii_case(&added.id)));
    policy.assignments_mut().push(added.clone());
    Ok(entity(request, collection, (201, policy.id()), &added))
}

fn delete(
    request: &RoutedRequest<'_>,
    collection: PolicyCollection,
    id: &str,
    row: &str,
    state: &mut TenantState,
) -> Result<ServiceResponse, ServiceError> {
    let semantics = request.semantics();
    let policy = state.policy_mut(collection, id).ok_or_else(ServiceError::intune_not_found)?;
    let named = |found: &StoredAssignment| found.id.eq_ignore_ascii_case(row);
    // A group may appear twice with the same id, directly and from a policy set: delete the direct row.
    let rows = policy.assignments_mut();
    let position = rows.iter().position(|found| named(found) && found.is_direct());
    let position = position.or_else(|| rows.iter().position(named));
    let position = position.ok_or_else(ServiceError::intune_not_found)?;
    let inherited = rows.get(position).is_some_and(|found| !found.is_direct());
    semantics
        .policy_set_row_deleted
        .check(inherited, || "An assignment of a policy set cannot be removed here.".to_owned())?;
    rows.remove(position);
    Ok(ServiceResponse::no_content())
}

fn policy<'a>(
    state: &'a TenantState,
    collection: PolicyCollection,
    id: &str,
) -> Result<&'a dyn AssignablePolicy, ServiceError> {
    state.policy(collection, id).ok_or_else(ServiceError::intune_not_found)
}

fn check_names(request: &RoutedRequest<'_>, collection: PolicyCollection) -> Result<(), ServiceError> {
    let known = [&["id", "target"], collection.assignment_members(request.version())].concat();
    request.query.check_select(collection.assignment_type(), &known)
}

fn fragment(collection: PolicyCollection, policy_id: &str) -> String {
    format!("deviceManagement/{}('{policy_id}')/assignments", collection.name())
}

fn rows<'a>(
    request: &RoutedRequest<'_>,
    collection: PolicyCollection,
    assignments: impl Iterator<Item = &'a StoredAssignment>,
) -> Vec<CollectionRow> {
    let expansion = request.query.expansion("assignments");
    let render = |row: &StoredAssignment| {
        let members = row.render(collection, request.version());
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
    collection: PolicyCollection,
    (status, policy_id): (u16, &str),
    row: &StoredAssignment,
) -> ServiceResponse {
    let context =
        request.context(&format!("{}/$entity", request.query.context_of(&fragment(collection, policy_id))));
    let mut members = request.query.selected(row.render(collection, request.version()));
    members.insert("@odata.context".to_owned(), json!(context));
    ServiceResponse::json(status, members)
}
