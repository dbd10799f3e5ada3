//! `deviceManagement/deviceConfigurations`: the policies, and the route to what is below one.

use axum::http::Method;
use serde_json::{Map, Value, json};

use super::onboarding_rules::RequestedOnboarding;
use super::{INTUNE_PAGE, assign, assignments, device_status_overview};
use crate::emulator::model::assignable::AssignablePolicy;
use crate::emulator::model::policy::{self, StoredPolicy};
use crate::emulator::model::policy_collection::PolicyCollection;
use crate::emulator::odata::filter::{FilterExpression, FilterOperator};
use crate::emulator::odata::page::CollectionRow;
use crate::emulator::response::ServiceResponse;
use crate::emulator::routed_request::RoutedRequest;
use crate::emulator::semantics::{PatchAnswer, Unproven};
use crate::emulator::service_error::ServiceError;
use crate::emulator::state::TenantState;
use crate::emulator::timestamp::now;

const FRAGMENT: &str = "deviceManagement/deviceConfigurations";
const COLLECTION: PolicyCollection = PolicyCollection::DeviceConfigurations;
const CAST: &str = "microsoft.graph.";

/// The properties that a list can be ordered by. OpenAPI lists `$orderby` for the collection.
const ORDERED: [&str; 5] = ["id", "displayName", "createdDateTime", "lastModifiedDateTime", "version"];

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
        ("PATCH", [id]) => patch(request, id, state),
        ("DELETE", [id]) => delete(request, id, state),
        ("POST", [id, "assign" | "microsoft.graph.assign"]) => assign::assign(request, COLLECTION, id, state),
        (_, [id, "assignments", below @ ..]) => assignments::answer(request, COLLECTION, id, below, state),
        ("GET", [id, "deviceStatusOverview"]) => device_status_overview::get(request, id, state),
        (_, [id, cast, below @ ..]) if cast.starts_with(CAST) && *cast != "microsoft.graph.assign" => {
            strip_type_cast(request, id, cast, below, state)
        }
        _ => Err(request.route_error()),
    }
}

/// An address with a type cast is the same as without it, if the policy has that type.
fn strip_type_cast(
    request: &RoutedRequest<'_>,
    id: &str,
    cast: &str,
    below: &[&str],
    state: &mut TenantState,
) -> Result<ServiceResponse, ServiceError> {
    request
        .semantics()
        .type_cast_in_address
        .check(true, || format!("The type cast '{cast}' is not supported."))?;
    let found = state.device_configuration(id).ok_or_else(ServiceError::intune_not_found)?;
    let named = cast.strip_prefix(CAST).unwrap_or(cast);
    if !found.is_of_type(named) {
        return Err(ServiceError::intune_not_found());
    }
    let mut rest = vec![id];
    rest.extend(below);
    answer(request, &rest, state)
}

fn list(request: &RoutedRequest<'_>, state: &TenantState) -> Result<ServiceResponse, ServiceError> {
    let mut allowed = vec!["$select", "$expand", "$filter", "$top", "$skiptoken", "$orderby", "$count"];
    if request.semantics().type_filter == Unproven::Accept {
        allowed.push("isof");
    }
    request.query.allow(&allowed)?;
    check_names(request)?;
    let name = name_filter(request.query.filter.as_ref())?;
    let type_name = type_filter(request.query.type_filter.as_deref())?;
    let found = state.device_configurations.iter().filter(|policy| {
        name.is_none_or(|name| policy.display_name == name)
            && type_name.is_none_or(|wanted| policy.is_of_type(wanted))
    });
    let rows = found
        .map(|policy| CollectionRow::new(policy.id(), with_expansions(request, policy), &request.query))
        .collect();
    Ok(request.collection(&request.query.context_of(FRAGMENT), rows, INTUNE_PAGE))
}

fn create(request: &RoutedRequest<'_>, state: &mut TenantState) -> Result<ServiceResponse, ServiceError> {
    request.query.allow(&[])?;
    let mut document = request.json()?;
    // It is a navigation property of the type, so it is not unknown; but no source says that it can be sent
    // along.
    let deep_insert = document.as_object_mut().and_then(|members| members.remove("assignments")).is_some();
    let onboarding = RequestedOnboarding::read(&document);
    let policy = stored(request, StoredPolicy::from_request(document, request.version(), &now())?);
    request.semantics().deep_insert.check(deep_insert, || {
        "Assignments cannot be created together with the device configuration.".to_owned()
    })?;
    onboarding.check(&policy, request.semantics(), state)?;
    let answer = entity(request, 201, &policy);
    state.device_configurations.push(policy);
    Ok(answer)
}

fn get(request: &RoutedRequest<'_>, id: &str, state: &TenantState) -> Result<ServiceResponse, ServiceError> {
    request.query.allow(&["$select", "$expand"])?;
    check_names(request)?;
    let policy = state.device_configuration(id).ok_or_else(ServiceError::intune_not_found)?;
    Ok(entity(request, 200, policy))
}

fn patch(
    request: &RoutedRequest<'_>,
    id: &str,
    state: &mut TenantState,
) -> Result<ServiceResponse, ServiceError> {
    request.query.allow(&[])?;
    let mut document = request.json()?;
    let onboarding = RequestedOnboarding::read(&document);
    let policy = state.device_configuration(id).ok_or_else(ServiceError::intune_not_found)?;
    if request.semantics().patch_without_type == Unproven::Accept {
        add_type(&mut document, policy);
    }
    let patched = stored(request, policy.patched(document, request.version(), &now())?);
    onboarding.check(&patched, request.semantics(), state)?;
    let answer = match request.semantics().patch_answer {
        PatchAnswer::NoContent => ServiceResponse::no_content(),
        PatchAnswer::Entity => entity(request, 200, &patched),
    };
    if let Some(policy) = state.device_configuration_mut(id) {
        *policy = patched;
    }
    Ok(answer)
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

/// Gives a body that names no type the type of the policy.
fn add_type(document: &mut Value, policy: &StoredPolicy) {
    if let Some(members) = document.as_object_mut() {
        members.entry("@odata.type").or_insert_with(|| json!(format!("#{CAST}{}", policy.type_name)));
    }
}

/// The policy as the service stores it.
fn stored(request: &RoutedRequest<'_>, mut policy: StoredPolicy) -> StoredPolicy {
    if request.semantics().empty_description_is_null {
        policy.clear_empty_description();
    }
    policy
}

fn check_names(request: &RoutedRequest<'_>) -> Result<(), ServiceError> {
    let mut known = policy::MEMBERS.to_vec();
    known.push("assignments");
    if request.version().is_beta() {
        known.extend(policy::BETA_MEMBERS);
    }
    request.query.check_select(policy::BASE, &known)?;
    request.query.check_order_by(policy::BASE, &ORDERED)?;
    request.query.check_expand(policy::BASE, &["assignments"])
}

/// The type that a filter names, without namespace.
fn type_filter(full_name: Option<&str>) -> Result<Option<&str>, ServiceError> {
    let Some(full_name) = full_name else { return Ok(None) };
    let known = full_name.strip_prefix(CAST).filter(|name| *name == policy::BASE || policy::is_known(name));
    known.map(Some).ok_or_else(|| {
        ServiceError::bad_request(format!(
            "A type named '{full_name}' could not be resolved by the model. When a model is available, each type name must \
             resolve to a valid type."
        ))
    })
}

/// The only filter on a property that is known to work here is equality of the name.
fn name_filter(filter: Option<&FilterExpression>) -> Result<Option<&str>, ServiceError> {
    match filter {
        None => Ok(None),
        Some(FilterExpression { property, operator: FilterOperator::Equals, literal })
            if property == "displayName" =>
        {
            Ok(Some(literal))
        }
        Some(filter) => Err(ServiceError::intune_bad_request(format!(
            "Filtering by '{}' with this operator is not supported.",
            filter.property
        ))),
    }
}

fn entity(request: &RoutedRequest<'_>, status: u16, policy: &StoredPolicy) -> ServiceResponse {
    let context = request.context(&format!("{}/$entity", request.query.context_of(FRAGMENT)));
    let answer = ServiceResponse::entity(status, context, shown(request, policy));
    if request.incoming.method == Method::POST {
        let location =
            format!("{}/{}/{FRAGMENT}('{}')", request.incoming.origin, request.version(), policy.id());
        return answer.with_headers(vec![("Location", location)]);
    }
    answer
}

/// The policy with the selected and expanded members.
fn shown(request: &RoutedRequest<'_>, policy: &StoredPolicy) -> Map<String, Value> {
    request.query.selected(with_expansions(request, policy))
}

/// The policy with all its members and the expanded ones.
fn with_expansions(request: &RoutedRequest<'_>, policy: &StoredPolicy) -> Map<String, Value> {
    let mut members = policy.render(request.version());
    if request.query.expands("assignments") {
        let fragment = format!("{FRAGMENT}('{}')/{CAST}{}/assignments", policy.id(), policy.type_name);
        members.insert("assignments@odata.context".to_owned(), json!(request.context(&fragment)));
        let (rows, next) = assignments::first_page(request, COLLECTION, policy);
        members.insert("assignments".to_owned(), Value::Array(rows));
        if let Some(link) = next {
            members.insert("assignments@odata.nextLink".to_owned(), json!(link));
        }
    }
    members
}
