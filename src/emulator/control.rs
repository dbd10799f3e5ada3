//! Test control: what a person does in the portal, and looking behind the scenes. Not a part of Graph; needs
//! no token, is not counted and not logged, and the service's rules do not apply.
//!
//! ```text
//! GET    /_emulator/calls                200 {"calls": [{number, method, path, status, batch, envelope,
//!                                        fault, assigned, clientRequestId}], "counters": {windowSeconds,
//!                                        requests, writes, peakRequests, peakWrites, overLimit}}
//! POST   /_emulator/reset                204; the tenant and the semantics of the start, no calls, no token
//!                                        requests, no faults, counters at zero; tokens stay good
//! GET    /_emulator/faults               200 {"faults": [{number, left, skip, rule}]}
//! POST   /_emulator/faults               201 with the same; adds a rule, or an array of rules (see `faults`)
//! DELETE /_emulator/faults               204; no rules, and reads see everything again
//! GET    /_emulator/semantics            200 with all choices for open questions (see `semantics`)
//! PUT    /_emulator/semantics            200 with the same; sets those that are sent
//! GET    /_emulator/deviceConfigurations/{id}/assignments
//!                                        200 {"assignments": […]}; every row as it is, whatever reads see
//! PUT    /_emulator/deviceConfigurations/{id}/assignments
//!                                        200 {"assignments": […]}; replaces every row
//! POST   /_emulator/{collection}         201 with the object; Graph's shape, "id" may be given
//! DELETE /_emulator/{collection}/{id}    204; also of a filter in use
//! …      /_emulator/tokens, /_emulator/oidc   see `entra::control`
//! ```
//!
//! In the log, `batch` is the id of an item within its batch and `envelope` the number of that batch; an
//! item that was not tried because its parent failed (424) is not listed. `fault` is the name or number of the
//! rule that the call met; the status 0 stands for a connection that was cut before the call took effect.
//! `assigned` is the number of assignments in the body of an `assign`, and null for every other call.
//!
//! The rows of a PUT are an array, or an object with the array as `assignments`: `{"target": {…}, "id"?,
//! "source"?, "sourceId"?, "intent"?}`, any type of target, any filter.
//!
//! A collection is `deviceConfigurations`, `groups` or `assignmentFilters`. Refusals: `{"error": {"code",
//! "message"}}`.

use std::time::Instant;

use axum::http::Method;
use serde_json::{Map, Value, json};

use super::answer::Answer;
use super::entra;
use super::faults::{Faults, Shadows};
use super::members::{Members, ShapeError};
use super::model::assignment_filter::AssignmentFilter;
use super::model::group::Group;
use super::model::policy::{Policy, seeded_assignments};
use super::observer::Control;
use super::odata::path::Version;
use super::request::Incoming;
use super::service::Service;
use super::state::State;
use super::timestamp::now;

const ROOT: &str = "/_emulator";

/// Whether a path belongs to test control.
pub fn owns(path: &str) -> bool {
    path.strip_prefix(ROOT).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Does what an HTTP request to a control address does, without a socket. Answers the status and the document, which is
/// null where there is none.
pub fn send(service: &Service, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
    let method = Method::from_bytes(method.as_bytes()).unwrap_or_default();
    let body = body.map(|document| document.to_string().into_bytes()).unwrap_or_default();
    let answer = answer(service, &method, path, &body);
    (answer.status, answer.document())
}

/// Serves a request under the eyes of the observer, who may use test control.
pub async fn watch(service: &Service, incoming: &Incoming, serve: impl Future<Output = Answer>) -> Answer {
    let send = |method: &str, path: &str, body: Option<&Value>| send(service, method, path, body);
    service.observing.watch(&Control::new(&send), incoming, serve).await
}

/// Answers a request to test control; `path` may have a query.
pub fn answer(service: &Service, method: &Method, path: &str, body: &[u8]) -> Answer {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).skip(1).collect();
    if let Some(answer) = entra::answer_control(service, method.as_str(), &parts, query) {
        return answer.unwrap_or_else(|text| error(400, "BadRequest", &text));
    }
    let answer = match (method.as_str(), parts.as_slice()) {
        ("GET", ["calls"]) => Ok(calls(service)),
        ("POST", ["reset"]) => Ok(reset(service)),
        ("GET", ["faults"]) => Ok(faults(service, 200)),
        ("POST", ["faults"]) => add_faults(service, body),
        ("DELETE", ["faults"]) => Ok(clear_faults(service)),
        ("GET", ["semantics"]) => Ok(semantics(service)),
        ("PUT", ["semantics"]) => change_semantics(service, body),
        ("GET", ["deviceConfigurations", id, "assignments"]) => assignments(service, id),
        ("PUT", ["deviceConfigurations", id, "assignments"]) => replace_assignments(service, id, body),
        ("POST", [collection]) => add(service, collection, body),
        ("DELETE", [collection, id]) => remove(service, collection, id),
        _ => Err(not_found(&format!("Test control has no {method} {path}."))),
    };
    answer.unwrap_or_else(|refused| refused)
}

fn calls(service: &Service) -> Answer {
    let mut inner = service.inner();
    let (calls, counters) = (inner.calls.list(), inner.windows.counters(Instant::now()));
    Answer::json(200, json!({"calls": calls, "counters": counters}))
}

fn reset(service: &Service) -> Answer {
    service.reset();
    Answer::no_content()
}

fn faults(service: &Service, status: u16) -> Answer {
    Answer::json(status, json!({"faults": service.inner().faults.list()}))
}

fn add_faults(service: &Service, body: &[u8]) -> Result<Answer, Answer> {
    let rules = super::faults::rules(json_of(body)?).map_err(|error| refused(&error))?;
    service.inner().faults.add(rules);
    Ok(faults(service, 201))
}

fn clear_faults(service: &Service) -> Answer {
    let mut inner = service.inner();
    (inner.faults, inner.shadows) = (Faults::default(), Shadows::default());
    Answer::no_content()
}

fn semantics(service: &Service) -> Answer {
    Answer::json(200, json!(service.inner().semantics))
}

fn change_semantics(service: &Service, body: &[u8]) -> Result<Answer, Answer> {
    let Value::Object(changes) = json_of(body)? else {
        return Err(error(400, "BadRequest", "An object with choices is needed."));
    };
    let mut inner = service.inner();
    inner.semantics = inner.semantics.changed(changes).map_err(|error| refused(&error))?;
    drop(inner);
    Ok(semantics(service))
}

fn replace_assignments(service: &Service, id: &str, body: &[u8]) -> Result<Answer, Answer> {
    let rows = match json_of(body)? {
        Value::Array(rows) => rows,
        document => rows_of(document).map_err(|error| refused(&error))?,
    };
    let mut inner = service.inner();
    let policy = inner.state.policy_mut(id).ok_or_else(|| no_policy(id))?;
    policy.assignments =
        seeded_assignments(rows, &policy.id, "assignments").map_err(|error| refused(&error))?;
    Ok(shown(policy))
}

fn assignments(service: &Service, id: &str) -> Result<Answer, Answer> {
    service.inner().state.policy(id).map(shown).ok_or_else(|| no_policy(id))
}

fn shown(policy: &Policy) -> Answer {
    let rows: Vec<Map<String, Value>> =
        policy.assignments.iter().map(|row| row.render(Version::Beta)).collect();
    Answer::json(200, json!({"assignments": rows}))
}

fn no_policy(id: &str) -> Answer {
    not_found(&format!("There is no policy '{id}'."))
}

fn rows_of(document: Value) -> Result<Vec<Value>, ShapeError> {
    let mut members = Members::of(document, "assignments", "")?;
    let rows = members.list("assignments")?.value();
    members.finish()?;
    rows.ok_or_else(|| ShapeError::new("assignments", "An array of assignments is needed."))
}

fn add(service: &Service, collection: &str, body: &[u8]) -> Result<Answer, Answer> {
    let known = ["deviceConfigurations", "groups", "assignmentFilters"];
    if !known.contains(&collection) {
        return Err(not_found(&format!(
            "There is no collection '{collection}'; there are {}.",
            known.join(", ")
        )));
    }
    let document = json_of(body)?;
    let mut inner = service.inner();
    let added =
        add_object(&mut inner.state, collection, document, &now()).map_err(|error| refused(&error))?;
    added.map(|members| Answer::json(201, members)).ok_or_else(|| error(409, "Conflict", "The id is taken."))
}

/// Answers with the object as beta shows it, or with nothing if its id is taken.
fn add_object(
    state: &mut State,
    collection: &str,
    document: Value,
    now: &str,
) -> Result<Option<Map<String, Value>>, ShapeError> {
    let (taken, members);
    match collection {
        "deviceConfigurations" => {
            let policy = Policy::seeded(document, "", now)?;
            (taken, members) = (state.policy(&policy.id).is_some(), policy.render(Version::Beta));
            if !taken {
                state.policies.push(policy);
            }
        }
        "groups" => {
            let group = Group::seeded(document, "", now)?;
            (taken, members) = (state.group(&group.id).is_some(), group.render());
            if !taken {
                state.groups.push(group);
            }
        }
        _ => {
            let filter = AssignmentFilter::seeded(document, "", now)?;
            (taken, members) = (state.filter(&filter.id).is_some(), filter.render(&[]));
            if !taken {
                state.filters.push(filter);
            }
        }
    }
    Ok((!taken).then_some(members))
}

fn remove(service: &Service, collection: &str, id: &str) -> Result<Answer, Answer> {
    let state = &mut service.inner().state;
    let removed = match collection {
        "deviceConfigurations" => state.remove_policy(id),
        "groups" => state.remove_group(id),
        "assignmentFilters" => state.remove_filter(id),
        _ => false,
    };
    if removed {
        Ok(Answer::no_content())
    } else {
        Err(not_found(&format!("There is no {collection} '{id}'.")))
    }
}

fn json_of(body: &[u8]) -> Result<Value, Answer> {
    serde_json::from_slice(body)
        .map_err(|cause| error(400, "BadRequest", &format!("The body is not JSON: {cause}.")))
}

fn refused(cause: &ShapeError) -> Answer {
    let place = if cause.at.is_empty() { String::new() } else { format!("{}: ", cause.at) };
    error(400, "BadRequest", &format!("{place}{}", cause.text))
}

fn not_found(text: &str) -> Answer {
    error(404, "NotFound", text)
}

fn error(status: u16, code: &str, text: &str) -> Answer {
    Answer::json(status, json!({"error": {"code": code, "message": text}}))
}
