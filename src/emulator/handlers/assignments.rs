//! `…/deviceConfigurations/{id}/assignments`: the rows of one policy, listed, and added or removed singly.
//! The replacement of the whole set is in `assign.rs`.

use serde_json::{Value, json};

use super::{INTUNE_PAGE, target_rules};
use crate::emulator::answer::Answer;
use crate::emulator::call::Call;
use crate::emulator::errors::Refusal;
use crate::emulator::model::assignment::{self, Assignment, SentAssignment};
use crate::emulator::model::policy::Policy;
use crate::emulator::odata::page::{Page, Row, next_link};
use crate::emulator::odata::query::Query;
use crate::emulator::state::State;

/// Answers everything at and below the collection of the policy `id`.
pub fn answer(call: &Call<'_>, id: &str, below: &[&str], state: &mut State) -> Result<Answer, Refusal> {
    match (call.incoming.method.as_str(), below) {
        ("GET", []) => list(call, policy(state, id)?),
        ("POST", []) => add(call, id, state),
        ("GET", [row]) => get(call, policy(state, id)?, row),
        ("DELETE", [row]) => delete(call, id, row, state),
        _ => Err(call.route_error()),
    }
}

/// The rows that an expansion or an action shows at once, and the link to the collection for the rest.
pub fn first_page(call: &Call<'_>, policy: &Policy) -> (Vec<Value>, Option<String>) {
    page_of(call, policy, policy.assignments.iter())
}

/// The same for some of the rows.
pub fn page_of<'a>(
    call: &Call<'_>,
    policy: &Policy,
    assignments: impl Iterator<Item = &'a Assignment>,
) -> (Vec<Value>, Option<String>) {
    let query = Query::default();
    let page = Page::of(rows(call, assignments), &query, call.options.page_size.unwrap_or(INTUNE_PAGE));
    let path =
        format!("/{}/deviceManagement/deviceConfigurations('{}')/assignments", call.version(), policy.id);
    let link = page.next.map(|token| next_link(&call.incoming.origin, &path, &query, token));
    (page.rows.into_iter().map(|row| Value::Object(row.members)).collect(), link)
}

fn list(call: &Call<'_>, policy: &Policy) -> Result<Answer, Refusal> {
    call.query.allow(&["$select", "$top", "$skiptoken"])?;
    check_names(call)?;
    let fragment = call.query.context_of(&fragment(policy));
    Ok(call.collection(&fragment, rows(call, policy.assignments.iter()), INTUNE_PAGE))
}

fn get(call: &Call<'_>, policy: &Policy, row: &str) -> Result<Answer, Refusal> {
    call.query.allow(&["$select"])?;
    check_names(call)?;
    let found = policy.assignments.iter().find(|found| found.id.eq_ignore_ascii_case(row));
    Ok(entity(call, 200, policy, found.ok_or_else(Refusal::intune_not_found)?))
}

fn add(call: &Call<'_>, id: &str, state: &mut State) -> Result<Answer, Refusal> {
    call.query.allow(&[])?;
    let sent = SentAssignment::read(call.json()?, call.version(), "")?;
    let found = policy(state, id)?;
    let sent = target_rules::checked(call, state, found, sent)?;
    let policy = state.policy_mut(id).ok_or_else(Refusal::intune_not_found)?;
    let added = Assignment::direct(&policy.id, sent);
    let exists =
        policy.assignments.iter().any(|row| row.is_direct() && row.id.eq_ignore_ascii_case(&added.id));
    call.semantics()
        .added_target_exists
        .check(exists, || format!("An assignment with the id {} exists already.", added.id))?;
    policy.assignments.retain(|row| !(row.is_direct() && row.id.eq_ignore_ascii_case(&added.id)));
    policy.assignments.push(added.clone());
    Ok(entity(call, 201, policy, &added))
}

fn delete(call: &Call<'_>, id: &str, row: &str, state: &mut State) -> Result<Answer, Refusal> {
    let semantics = call.semantics();
    let policy = state.policy_mut(id).ok_or_else(Refusal::intune_not_found)?;
    let named = |found: &Assignment| found.id.eq_ignore_ascii_case(row);
    // One group may stand there twice with one id, directly and from a policy set: the direct row is meant.
    let position = policy.assignments.iter().position(|found| named(found) && found.is_direct());
    let position = position.or_else(|| policy.assignments.iter().position(named));
    let position = position.ok_or_else(Refusal::intune_not_found)?;
    let inherited = policy.assignments.get(position).is_some_and(|found| !found.is_direct());
    semantics
        .policy_set_row_deleted
        .check(inherited, || "An assignment of a policy set cannot be removed here.".to_owned())?;
    policy.assignments.remove(position);
    Ok(Answer::no_content())
}

fn policy<'a>(state: &'a State, id: &str) -> Result<&'a Policy, Refusal> {
    state.policy(id).ok_or_else(Refusal::intune_not_found)
}

fn check_names(call: &Call<'_>) -> Result<(), Refusal> {
    let known: &[&str] = if call.version().is_beta() {
        &["id", "target", "source", "sourceId", "intent"]
    } else {
        &["id", "target"]
    };
    call.query.check_select(assignment::TYPE_NAME, known)
}

fn fragment(policy: &Policy) -> String {
    format!("deviceManagement/deviceConfigurations('{}')/assignments", policy.id)
}

fn rows<'a>(call: &Call<'_>, assignments: impl Iterator<Item = &'a Assignment>) -> Vec<Row> {
    let whole = call.query.expands("assignments");
    let render = |row: &Assignment| {
        let members = row.render(call.version());
        // `$select` of a request that expands names members of the policy, not of its rows.
        Row { id: row.id.clone(), members: if whole { members } else { call.query.selected(members) } }
    };
    assignments.map(render).collect()
}

fn entity(call: &Call<'_>, status: u16, policy: &Policy, row: &Assignment) -> Answer {
    let context = call.context(&format!("{}/$entity", call.query.context_of(&fragment(policy))));
    let mut members = call.query.selected(row.render(call.version()));
    members.insert("@odata.context".to_owned(), json!(context));
    Answer::json(status, members)
}
