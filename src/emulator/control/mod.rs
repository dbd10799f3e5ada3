//! Test control: changes that an administrator would make in the portal, and a look at logs and counters. It is
//! not a part of Graph. It needs no token, its requests are neither counted nor logged, and the service's rules
//! do not apply.
//!
//! ```text
//! GET    /_emulator/calls                200 {"seed", "calls": [{number, method, path, status, batch, envelope,
//!                                        fault, assigned, clientRequestId}], "counters": {windowSeconds,
//!                                        requests, writes, peakRequests, peakWrites, overLimit}}
//! POST   /_emulator/reset                204; restores the tenant and the semantics, clears calls, token
//!                                        requests, faults and counters; tokens stay valid
//! GET    /_emulator/faults               200 {"faults": [{number, left, skip, rule}]}
//! POST   /_emulator/faults               201 with the same; adds a rule or an array of rules (see `faults`)
//! DELETE /_emulator/faults               204; removes all rules, and all reads are up to date again
//! GET    /_emulator/semantics            200 with the choices for open questions (see `semantics`)
//! PUT    /_emulator/semantics            200 with the same; sets the choices that are sent
//! GET    /_emulator/{policies}/{id}/assignments
//!                                        200 {"assignments": […]}; the true rows, even if reads are stale
//! PUT    /_emulator/{policies}/{id}/assignments
//!                                        200 {"assignments": […]}; replaces every row
//! PUT    /_emulator/groups/{id}/transitiveMemberCounts
//!                                        200 {"devices", "users"}; sets the counts, 0 if left out
//! PUT    /_emulator/deviceConfigurations/{id}/deviceStatusOverview
//!                                        200 with the overview; counts that are left out are 0
//! PUT    /_emulator/advancedThreatProtectionOnboardingStateSummary
//!                                        200 with the summary; counts that are left out are 0
//! PUT    /_emulator/deviceConfigurationConflictSummary
//!                                        200 […]; replaces the conflicts by those of the array
//! PUT    /_emulator/mobileThreatDefenseConnectors
//!                                        200 […]; replaces the connectors by those of the array
//! POST   /_emulator/{collection}         201 with the object; Graph's shape, "id" is optional
//! DELETE /_emulator/{collection}/{id}    204; also for a filter in use
//! …      /_emulator/tokens, /_emulator/oidc   see `entra::control`
//! ```
//!
//! In the log, `batch` is the id of an item within its batch and `envelope` the number of that batch. An item
//! that was not tried because its parent failed (424) is not listed. `fault` is the name or number of the rule
//! that matched the call. The status 0 marks a connection that was closed before the call took effect.
//! `assigned` is the number of assignments in the body of an `assign`, and null for every other call.
//!
//! The rows of a PUT are an array, or an object with the array as `assignments`: `{"target": {…}, "id"?,
//! "source"?, "sourceId"?, "intent"?}`, any type of target, any filter.
//!
//! `{policies}` is `deviceConfigurations` or `configurationPolicies`; a collection is one of them, `groups` or
//! `assignmentFilters`. Errors: `{"error": {"code", "message"}}`.

mod answers;
mod figures;

use std::time::Instant;

use axum::http::Method;
use serde::Serialize;
use serde_json::{Map, Value, json};

use answers::{error, json_of, not_found, shape_error};

use crate::emulator::call_log::CallRecord;
use crate::emulator::entra;
use crate::emulator::faults::{FaultQueue, StaleReads};
use crate::emulator::member_reader::{MemberReader, ShapeError};
use crate::emulator::model::assignable::AssignablePolicy;
use crate::emulator::model::assignment::StoredAssignment;
use crate::emulator::model::assignment_filter::StoredFilter;
use crate::emulator::model::configuration_policy::StoredConfigurationPolicy;
use crate::emulator::model::group::StoredGroup;
use crate::emulator::model::policy::StoredPolicy;
use crate::emulator::model::policy_collection::PolicyCollection;
use crate::emulator::observer::TestControl;
use crate::emulator::odata::path::VersionRoot;
use crate::emulator::request::IncomingRequest;
use crate::emulator::response::ServiceResponse;
use crate::emulator::service::EmulatedService;
use crate::emulator::state::TenantState;
use crate::emulator::timestamp::now;

const ROOT: &str = "/_emulator";

/// Whether a path belongs to test control.
pub fn owns(path: &str) -> bool {
    path.strip_prefix(ROOT).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether a request restores the state at start, and with it the random choices.
pub fn is_reset(incoming: &IncomingRequest) -> bool {
    incoming.method == Method::POST && incoming.path() == "/_emulator/reset"
}

/// Serves a request to a control address without a socket. Returns the status and the document, or null if there
/// is none.
pub fn send(service: &EmulatedService, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
    let method = Method::from_bytes(method.as_bytes()).unwrap_or_default();
    let body = body.map(|document| document.to_string().into_bytes()).unwrap_or_default();
    let answer = answer(service, &method, path, &body);
    (answer.status, answer.document())
}

/// Serves a request and shows it to the observer, who may use test control.
pub async fn watch(
    service: &EmulatedService,
    incoming: &IncomingRequest,
    serve: impl Future<Output = ServiceResponse>,
) -> ServiceResponse {
    let send = |method: &str, path: &str, body: Option<&Value>| send(service, method, path, body);
    service.observer.watch(&TestControl::new(&send), incoming, serve).await
}

/// Serves a request to test control; `path` may have a query.
pub fn answer(service: &EmulatedService, method: &Method, path: &str, body: &[u8]) -> ServiceResponse {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).skip(1).collect();
    if let Some(answer) = entra::answer_control(service, method.as_str(), &parts, query) {
        return answer.unwrap_or_else(|text| error(400, "BadRequest", &text));
    }
    if method == Method::PUT
        && let Some(answer) = figures::put(&mut service.state().tenant, &parts, body)
    {
        return answer.unwrap_or_else(|refusal| refusal);
    }
    let answer = match (method.as_str(), parts.as_slice()) {
        ("GET", ["calls"]) => Ok(calls(service)),
        ("POST", ["reset"]) => Ok(reset(service)),
        ("GET", ["faults"]) => Ok(faults(service, 200)),
        ("POST", ["faults"]) => add_faults(service, body),
        ("DELETE", ["faults"]) => Ok(clear_faults(service)),
        ("GET", ["semantics"]) => Ok(semantics(service)),
        ("PUT", ["semantics"]) => change_semantics(service, body),
        ("GET", [name, id, "assignments"]) => {
            collection(name).and_then(|collection| assignments(service, collection, id))
        }
        ("PUT", [name, id, "assignments"]) => {
            collection(name).and_then(|collection| replace_assignments(service, collection, id, body))
        }
        ("POST", [collection]) => add(service, collection, body),
        ("DELETE", [collection, id]) => remove(service, collection, id),
        _ => Err(not_found(&format!("Test control has no {method} {path}."))),
    };
    answer.unwrap_or_else(|shape_error| shape_error)
}

/// The log, written as text at once: a tree of values would take many times the memory.
fn calls(service: &EmulatedService) -> ServiceResponse {
    #[derive(Serialize)]
    struct Document<'a> {
        seed: u64,
        counters: Value,
        calls: Vec<&'a CallRecord>,
    }
    let mut state = service.state();
    let counters = json!(state.throttling.counters(Instant::now()));
    let document = Document { seed: service.options.seed, counters, calls: state.calls.sorted() };
    ServiceResponse::text(serde_json::to_string(&document).unwrap_or_default())
}

fn reset(service: &EmulatedService) -> ServiceResponse {
    service.reset();
    ServiceResponse::no_content()
}

fn faults(service: &EmulatedService, status: u16) -> ServiceResponse {
    ServiceResponse::json(status, json!({"faults": service.state().faults.list()}))
}

fn add_faults(service: &EmulatedService, body: &[u8]) -> Result<ServiceResponse, ServiceResponse> {
    let rules = crate::emulator::faults::rules(json_of(body)?).map_err(|error| shape_error(&error))?;
    service.state().faults.add(rules);
    Ok(faults(service, 201))
}

fn clear_faults(service: &EmulatedService) -> ServiceResponse {
    let mut state = service.state();
    (state.faults, state.stale_reads) = (FaultQueue::default(), StaleReads::default());
    ServiceResponse::no_content()
}

fn semantics(service: &EmulatedService) -> ServiceResponse {
    ServiceResponse::json(200, json!(service.state().semantics))
}

fn change_semantics(service: &EmulatedService, body: &[u8]) -> Result<ServiceResponse, ServiceResponse> {
    let Value::Object(changes) = json_of(body)? else {
        return Err(error(400, "BadRequest", "The body must be an object with choices."));
    };
    let mut state = service.state();
    state.semantics = state.semantics.with_changes(changes).map_err(|error| shape_error(&error))?;
    drop(state);
    Ok(semantics(service))
}

fn replace_assignments(
    service: &EmulatedService,
    collection: PolicyCollection,
    id: &str,
    body: &[u8],
) -> Result<ServiceResponse, ServiceResponse> {
    let rows = match json_of(body)? {
        Value::Array(rows) => rows,
        document => rows_of(document).map_err(|error| shape_error(&error))?,
    };
    let mut state = service.state();
    let policy = state.tenant.policy_mut(collection, id).ok_or_else(|| no_policy(id))?;
    *policy.assignments_mut() =
        StoredAssignment::list_from_seed(collection, rows, policy.id(), "assignments")
            .map_err(|error| shape_error(&error))?;
    Ok(shown(collection, policy))
}

fn assignments(
    service: &EmulatedService,
    collection: PolicyCollection,
    id: &str,
) -> Result<ServiceResponse, ServiceResponse> {
    let state = service.state();
    let policy = state.tenant.policy(collection, id);
    policy.map(|policy| shown(collection, policy)).ok_or_else(|| no_policy(id))
}

fn shown(collection: PolicyCollection, policy: &dyn AssignablePolicy) -> ServiceResponse {
    let rows: Vec<Map<String, Value>> =
        policy.assignments().iter().map(|row| row.render(collection, VersionRoot::Beta)).collect();
    ServiceResponse::json(200, json!({"assignments": rows}))
}

/// The collection of policies of this name.
fn collection(name: &str) -> Result<PolicyCollection, ServiceResponse> {
    PolicyCollection::from_name(name)
        .ok_or_else(|| not_found(&format!("There is no collection of policies '{name}'.")))
}

fn no_policy(id: &str) -> ServiceResponse {
    not_found(&format!("There is no policy '{id}'."))
}

fn rows_of(document: Value) -> Result<Vec<Value>, ShapeError> {
    let mut members = MemberReader::open(document, "assignments", "")?;
    let rows = members.list("assignments")?.value();
    members.finish()?;
    rows.ok_or_else(|| ShapeError::new("assignments", "An array of assignments is required."))
}

fn add(service: &EmulatedService, collection: &str, body: &[u8]) -> Result<ServiceResponse, ServiceResponse> {
    let known = ["deviceConfigurations", "configurationPolicies", "groups", "assignmentFilters"];
    if !known.contains(&collection) {
        return Err(not_found(&format!(
            "There is no collection '{collection}'. The collections are {}.",
            known.join(", ")
        )));
    }
    let document = json_of(body)?;
    let mut state = service.state();
    let added =
        add_object(&mut state.tenant, collection, document, &now()).map_err(|error| shape_error(&error))?;
    added
        .map(|members| ServiceResponse::json(201, members))
        .ok_or_else(|| error(409, "Conflict", "An object with this id exists already."))
}

/// Returns the object as beta shows it, or nothing if its id is taken.
fn add_object(
    state: &mut TenantState,
    collection: &str,
    document: Value,
    now: &str,
) -> Result<Option<Map<String, Value>>, ShapeError> {
    let (taken, members);
    match collection {
        "deviceConfigurations" => {
            let policy = StoredPolicy::from_seed(document, "", now)?;
            (taken, members) =
                (state.device_configuration(policy.id()).is_some(), policy.render(VersionRoot::Beta));
            if !taken {
                state.device_configurations.push(policy);
            }
        }
        "configurationPolicies" => {
            let policy = StoredConfigurationPolicy::from_seed(document, "", now)?;
            (taken, members) = (state.configuration_policy(policy.id()).is_some(), policy.render());
            if !taken {
                state.configuration_policies.push(policy);
            }
        }
        "groups" => {
            let group = StoredGroup::from_seed(document, "", now)?;
            (taken, members) = (state.group(&group.id).is_some(), group.render());
            if !taken {
                state.groups.push(group);
            }
        }
        _ => {
            let filter = StoredFilter::from_seed(document, "", now)?;
            (taken, members) = (state.filter(&filter.id).is_some(), filter.render(&[]));
            if !taken {
                state.filters.push(filter);
            }
        }
    }
    Ok((!taken).then_some(members))
}

fn remove(service: &EmulatedService, collection: &str, id: &str) -> Result<ServiceResponse, ServiceResponse> {
    let tenant = &mut service.state().tenant;
    let removed = match collection {
        "groups" => tenant.remove_group(id),
        "assignmentFilters" => tenant.remove_filter(id),
        name => {
            PolicyCollection::from_name(name).is_some_and(|collection| tenant.remove_policy(collection, id))
        }
    };
    if removed {
        Ok(ServiceResponse::no_content())
    } else {
        Err(not_found(&format!("There is no {collection} '{id}'.")))
    }
}
