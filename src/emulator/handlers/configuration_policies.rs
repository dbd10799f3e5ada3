//! `deviceManagement/configurationPolicies`, which exists in beta only: the policies, their settings, and the route to
//! what is below one.

use axum::http::Method;
use serde_json::{Map, Value, json};

use super::{CATALOG_PAGE, assign, assignments};
use crate::emulator::model::assignable::AssignablePolicy;
use crate::emulator::model::configuration_policy::{MEMBERS, StoredConfigurationPolicy, TYPE_NAME};
use crate::emulator::model::policy_collection::PolicyCollection;
use crate::emulator::odata::filter::{FilterExpression, FilterOperator};
use crate::emulator::odata::page::CollectionRow;
use crate::emulator::response::ServiceResponse;
use crate::emulator::routed_request::RoutedRequest;
use crate::emulator::service_error::ServiceError;
use crate::emulator::state::TenantState;
use crate::emulator::timestamp::now;

const FRAGMENT: &str = "deviceManagement/configurationPolicies";
const COLLECTION: PolicyCollection = PolicyCollection::ConfigurationPolicies;

/// Serves the collection and its entities.
pub fn answer(
    request: &RoutedRequest<'_>,
    below: &[&str],
    state: &mut TenantState,
) -> Result<ServiceResponse, ServiceError> {
    if let [id, ..] = below {
        request.check_key(id)?;
    }
    match (request.incoming.method.as_str(), below) {
        ("GET", []) => list(request, state),
        ("POST", []) => create(request, state),
        ("GET", [id]) => get(request, id, state),
        ("PUT" | "PATCH", [id]) => change(request, id, state),
        ("DELETE", [id]) => delete(request, id, state),
        ("GET", [id, "settings"]) => settings(request, id, state),
        ("POST", [id, "assign" | "microsoft.graph.assign"]) => assign::assign(request, COLLECTION, id, state),
        (_, [id, "assignments", below @ ..]) => assignments::answer(request, COLLECTION, id, below, state),
        _ => Err(request.route_error()),
    }
}

fn list(request: &RoutedRequest<'_>, state: &TenantState) -> Result<ServiceResponse, ServiceError> {
    request.query.allow(&["$select", "$expand", "$filter", "$top", "$skiptoken", "$count"])?;
    check_names(request)?;
    let filter = request.query.filter.as_ref();
    let mut rows = Vec::new();
    for policy in &state.configuration_policies {
        if matches(filter, policy)? {
            rows.push(CollectionRow::new(policy.id(), with_expansions(request, policy), &request.query));
        }
    }
    Ok(request.collection(&request.query.context_of(FRAGMENT), rows, CATALOG_PAGE))
}

fn create(request: &RoutedRequest<'_>, state: &mut TenantState) -> Result<ServiceResponse, ServiceError> {
    request.query.allow(&[])?;
    let mut document = request.json()?;
    let deep_insert = document.as_object_mut().and_then(|members| members.remove("assignments")).is_some();
    let policy = StoredConfigurationPolicy::from_request(document, &now())?;
    request
        .semantics()
        .deep_insert
        .check(deep_insert, || "Assignments cannot be created together with the policy.".to_owned())?;
    let answer = entity(request, 201, &policy);
    state.configuration_policies.push(policy);
    Ok(answer)
}

fn get(request: &RoutedRequest<'_>, id: &str, state: &TenantState) -> Result<ServiceResponse, ServiceError> {
    request.query.allow(&["$select", "$expand"])?;
    check_names(request)?;
    Ok(entity(request, 200, found(state, id)?))
}

/// A PUT replaces the whole object and its settings, a PATCH changes members. Both answer without a body.
fn change(
    request: &RoutedRequest<'_>,
    id: &str,
    state: &mut TenantState,
) -> Result<ServiceResponse, ServiceError> {
    request.query.allow(&[])?;
    let document = request.json()?;
    let is_whole = request.incoming.method == Method::PUT;
    let policy = state.configuration_policy_mut(id).ok_or_else(ServiceError::intune_not_found)?;
    *policy = policy.changed(document, is_whole, &now())?;
    Ok(ServiceResponse::no_content())
}

fn delete(
    request: &RoutedRequest<'_>,
    id: &str,
    state: &mut TenantState,
) -> Result<ServiceResponse, ServiceError> {
    if state.remove_policy(COLLECTION, id) {
        Ok(request.deleted())
    } else {
        Err(ServiceError::intune_not_found())
    }
}

fn settings(
    request: &RoutedRequest<'_>,
    id: &str,
    state: &TenantState,
) -> Result<ServiceResponse, ServiceError> {
    request.query.allow(&["$top", "$skiptoken"])?;
    let row = |members: Map<String, Value>| {
        let id = members.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
        CollectionRow { id, members, sort_key: String::new() }
    };
    let rows = found(state, id)?.settings().into_iter().map(row).collect();
    Ok(request.collection(&format!("{FRAGMENT}('{id}')/settings"), rows, CATALOG_PAGE))
}

fn found<'a>(state: &'a TenantState, id: &str) -> Result<&'a StoredConfigurationPolicy, ServiceError> {
    state.configuration_policy(id).ok_or_else(ServiceError::intune_not_found)
}

fn check_names(request: &RoutedRequest<'_>) -> Result<(), ServiceError> {
    request.query.check_select(TYPE_NAME, &MEMBERS)?;
    request.query.check_expand(TYPE_NAME, &["assignments", "settings"])
}

/// The filters that tools are known to use here.
fn matches(
    filter: Option<&FilterExpression>,
    policy: &StoredConfigurationPolicy,
) -> Result<bool, ServiceError> {
    let Some(FilterExpression { property, operator, literal }) = filter else { return Ok(true) };
    match (property.as_str(), operator) {
        ("name", FilterOperator::Equals) => Ok(policy.name == *literal),
        ("templateReference/templateId", FilterOperator::Equals) => Ok(policy.template_id() == literal),
        ("templateReference/templateFamily", FilterOperator::Equals) => {
            Ok(policy.template_family() == literal)
        }
        _ => Err(ServiceError::intune_bad_request(format!(
            "Filtering by '{property}' with this operator is not supported."
        ))),
    }
}

fn entity(request: &RoutedRequest<'_>, status: u16, policy: &StoredConfigurationPolicy) -> ServiceResponse {
    let context = request.context(&format!("{}/$entity", request.query.context_of(FRAGMENT)));
    let members = request.query.selected(with_expansions(request, policy));
    let answer = ServiceResponse::entity(status, context, members);
    if request.incoming.method == Method::POST {
        let location =
            format!("{}/{}/{FRAGMENT}('{}')", request.incoming.origin, request.version(), policy.id());
        return answer.with_headers(vec![("Location", location)]);
    }
    answer
}

/// The policy with the expanded members. Expanded assignments are empty here, whatever the policy has
/// (deploymenttheory/terraform-provider-microsoft365#3623).
fn with_expansions(request: &RoutedRequest<'_>, policy: &StoredConfigurationPolicy) -> Map<String, Value> {
    let mut members = policy.render();
    if request.query.expands("assignments") {
        members.insert("assignments".to_owned(), json!([]));
    }
    if let Some(expansion) = request.query.expansion("settings") {
        let settings: Vec<_> =
            policy.settings().into_iter().map(|setting| expansion.selected(setting)).collect();
        members.insert("settings".to_owned(), json!(settings));
    }
    members
}
