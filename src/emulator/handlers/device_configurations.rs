//! `deviceManagement/deviceConfigurations`: the policies themselves, and the way to what hangs below one.

use axum::http::Method;
use serde_json::{Map, Value, json};

use super::{INTUNE_PAGE, assign, assignments};
use crate::emulator::answer::Answer;
use crate::emulator::call::Call;
use crate::emulator::errors::Refusal;
use crate::emulator::model::policy::{self, Policy};
use crate::emulator::odata::page::Row;
use crate::emulator::odata::query::{Filter, Operator};
use crate::emulator::semantics::PatchAnswer;
use crate::emulator::state::State;
use crate::emulator::timestamp::now;

const COLLECTION: &str = "deviceManagement/deviceConfigurations";
const CAST: &str = "microsoft.graph.";

/// Answers everything at and below the collection.
pub fn answer(call: &Call<'_>, below: &[&str], state: &mut State) -> Result<Answer, Refusal> {
    match (call.incoming.method.as_str(), below) {
        ("GET", []) => list(call, state),
        ("POST", []) => create(call, state),
        ("GET", [id]) => get(call, id, state),
        ("PATCH", [id]) => patch(call, id, state),
        ("DELETE", [id]) => delete(id, state),
        ("POST", [id, "assign" | "microsoft.graph.assign"]) => assign::assign(call, id, state),
        (_, [id, "assignments", below @ ..]) => assignments::answer(call, id, below, state),
        (_, [id, cast, below @ ..]) if cast.starts_with(CAST) && *cast != "microsoft.graph.assign" => {
            cast_away(call, id, cast, below, state)
        }
        _ => Err(call.route_error()),
    }
}

/// An address with a type cast means the one without it, if the policy is of that type.
fn cast_away(
    call: &Call<'_>,
    id: &str,
    cast: &str,
    below: &[&str],
    state: &mut State,
) -> Result<Answer, Refusal> {
    call.semantics()
        .type_cast_in_address
        .check(true, || format!("The type cast '{cast}' is not supported."))?;
    let found = state.policy(id).ok_or_else(Refusal::intune_not_found)?;
    let named = cast.strip_prefix(CAST).unwrap_or(cast);
    if named != found.type_name && named != policy::BASE {
        return Err(Refusal::intune_not_found());
    }
    let mut rest = vec![id];
    rest.extend(below);
    answer(call, &rest, state)
}

fn list(call: &Call<'_>, state: &State) -> Result<Answer, Refusal> {
    call.query.allow(&["$select", "$expand", "$filter", "$top", "$skiptoken"])?;
    check_names(call)?;
    let wanted = name_filter(call.query.filter.as_ref())?;
    let found = state.policies.iter().filter(|policy| wanted.is_none_or(|name| policy.display_name == name));
    let rows = found.map(|policy| Row { id: policy.id.clone(), members: shown(call, policy) }).collect();
    Ok(call.collection(&call.query.context_of(COLLECTION), rows, INTUNE_PAGE))
}

fn create(call: &Call<'_>, state: &mut State) -> Result<Answer, Refusal> {
    call.query.allow(&[])?;
    let mut document = call.json()?;
    // A navigation property of the type, so not unknown to it; but nothing supports sending it along.
    let deep_insert = document.as_object_mut().and_then(|members| members.remove("assignments")).is_some();
    let policy = Policy::created(document, call.version(), &now())?;
    call.semantics().deep_insert.check(deep_insert, || {
        "Assignments cannot be created together with the device configuration.".to_owned()
    })?;
    refuse_two_blobs(&policy)?;
    let answer = entity(call, 201, &policy);
    state.policies.push(policy);
    Ok(answer)
}

fn get(call: &Call<'_>, id: &str, state: &State) -> Result<Answer, Refusal> {
    call.query.allow(&["$select", "$expand"])?;
    check_names(call)?;
    let policy = state.policy(id).ok_or_else(Refusal::intune_not_found)?;
    Ok(entity(call, 200, policy))
}

fn patch(call: &Call<'_>, id: &str, state: &mut State) -> Result<Answer, Refusal> {
    call.query.allow(&[])?;
    let document = call.json()?;
    let policy = state.policy_mut(id).ok_or_else(Refusal::intune_not_found)?;
    let patched = policy.patched(document, call.version(), &now())?;
    refuse_two_blobs(&patched)?;
    *policy = patched;
    Ok(match call.semantics().patch_answer {
        PatchAnswer::NoContent => Answer::no_content(),
        PatchAnswer::Entity => entity(call, 200, policy),
    })
}

fn delete(id: &str, state: &mut State) -> Result<Answer, Refusal> {
    if state.remove_policy(id) { Ok(Answer::no_content()) } else { Err(Refusal::intune_not_found()) }
}

/// With the connector on, the service makes the blob itself and takes none from a client.
fn refuse_two_blobs(policy: &Policy) -> Result<(), Refusal> {
    if policy.has_two_onboarding_blobs() {
        return Err(Refusal::intune_bad_request(
            "An onboarding blob cannot be set while advancedThreatProtectionAutoPopulateOnboardingBlob is true.",
        ));
    }
    Ok(())
}

fn check_names(call: &Call<'_>) -> Result<(), Refusal> {
    let mut known = policy::MEMBERS.to_vec();
    known.push("assignments");
    if call.version().is_beta() {
        known.extend(policy::BETA_MEMBERS);
    }
    call.query.check_select(policy::BASE, &known)?;
    call.query.check_expand(policy::BASE, &["assignments"])
}

/// The one filter that is known to work here is equality of the name.
fn name_filter(filter: Option<&Filter>) -> Result<Option<&str>, Refusal> {
    match filter {
        None => Ok(None),
        Some(Filter { property, operator: Operator::Equals, literal }) if property == "displayName" => {
            Ok(Some(literal))
        }
        Some(filter) => Err(Refusal::intune_bad_request(format!(
            "Filtering by '{}' with this operator is not supported.",
            filter.property
        ))),
    }
}

fn entity(call: &Call<'_>, status: u16, policy: &Policy) -> Answer {
    let context = call.context(&format!("{}/$entity", call.query.context_of(COLLECTION)));
    let answer = Answer::entity(status, context, shown(call, policy));
    if call.incoming.method == Method::POST {
        let location = format!("{}/{}/{COLLECTION}('{}')", call.incoming.origin, call.version(), policy.id);
        return answer.with_headers(vec![("Location", location)]);
    }
    answer
}

/// The policy with what the query expands, cut to what it selects.
fn shown(call: &Call<'_>, policy: &Policy) -> Map<String, Value> {
    let mut members = policy.render(call.version());
    if call.query.expands("assignments") {
        let fragment = format!("{COLLECTION}('{}')/{CAST}{}/assignments", policy.id, policy.type_name);
        members.insert("assignments@odata.context".to_owned(), json!(call.context(&fragment)));
        let (rows, next) = assignments::first_page(call, policy);
        members.insert("assignments".to_owned(), Value::Array(rows));
        if let Some(link) = next {
            members.insert("assignments@odata.nextLink".to_owned(), json!(link));
        }
    }
    call.query.selected(members)
}
