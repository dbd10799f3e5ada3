//! `groups` of the directory: list, get, create, delete. Members are not modelled.

use axum::http::Method;
use serde_json::{Map, Value};

use super::DIRECTORY_PAGE;
use crate::emulator::answer::Answer;
use crate::emulator::call::Call;
use crate::emulator::errors::Refusal;
use crate::emulator::model::group::{Group, MEMBERS};
use crate::emulator::model::guid;
use crate::emulator::odata::page::Row;
use crate::emulator::odata::query::{Filter, Operator};
use crate::emulator::state::State;
use crate::emulator::timestamp::now;

/// The most rows that the directory gives at once.
const MAX_TOP: usize = 999;

/// Answers everything at and below the collection.
pub fn answer(call: &Call<'_>, below: &[&str], state: &mut State) -> Result<Answer, Refusal> {
    match (&call.incoming.method, below) {
        (&Method::GET, []) => list(call, state),
        (&Method::POST, []) => create(call, state),
        (&Method::GET, [id]) => get(call, id, state),
        (&Method::DELETE, [id]) => delete(id, state),
        (_, [] | [_]) => Err(Refusal::method_not_allowed()),
        (_, [_, other, ..]) => Err(Refusal::segment(other)),
    }
}

fn list(call: &Call<'_>, state: &State) -> Result<Answer, Refusal> {
    call.query.allow(&["$select", "$filter", "$top", "$skiptoken"])?;
    call.query.check_select("group", &MEMBERS)?;
    if call.query.top.is_some_and(|top| top == 0 || top > MAX_TOP) {
        return Err(Refusal::directory_bad_request(format!(
            "The page size of $top must be between 1 and {MAX_TOP}."
        )));
    }
    if let Some(filter) = call.query.filter.as_ref().filter(|filter| filter.property != "displayName") {
        let text = format!("Unsupported or invalid query filter clause for property '{}'.", filter.property);
        return Err(Refusal::directory_bad_request(text));
    }
    let found = state.groups.iter().filter(|group| matches(call.query.filter.as_ref(), &group.display_name));
    let rows = found.map(|group| Row { id: group.id.clone(), members: shown(call, group) }).collect();
    Ok(call.collection(&call.query.context_of("groups"), rows, DIRECTORY_PAGE))
}

fn create(call: &Call<'_>, state: &mut State) -> Result<Answer, Refusal> {
    let group =
        Group::created(call.json()?, &now()).map_err(|error| Refusal::directory_bad_request(error.text))?;
    let answer = Answer::entity(201, call.context("groups/$entity"), group.render());
    state.groups.push(group);
    Ok(answer)
}

fn get(call: &Call<'_>, id: &str, state: &State) -> Result<Answer, Refusal> {
    call.query.allow(&["$select"])?;
    call.query.check_select("group", &MEMBERS)?;
    let id = object_id(id)?;
    let group = state.group(&id).ok_or_else(|| Refusal::directory_not_found(&id))?;
    let context = call.context(&format!("{}/$entity", call.query.context_of("groups")));
    Ok(Answer::entity(200, context, shown(call, group)))
}

fn delete(id: &str, state: &mut State) -> Result<Answer, Refusal> {
    let id = object_id(id)?;
    if state.remove_group(&id) { Ok(Answer::no_content()) } else { Err(Refusal::directory_not_found(&id)) }
}

fn object_id(id: &str) -> Result<String, Refusal> {
    guid(id).ok_or_else(|| Refusal::directory_bad_request(format!("Invalid object identifier '{id}'.")))
}

/// The directory compares without case.
fn matches(filter: Option<&Filter>, name: &str) -> bool {
    let Some(filter) = filter else { return true };
    let (name, literal) = (name.to_lowercase(), filter.literal.to_lowercase());
    match filter.operator {
        Operator::Equals => name == literal,
        Operator::StartsWith => name.starts_with(&literal),
    }
}

fn shown(call: &Call<'_>, group: &Group) -> Map<String, Value> {
    call.query.selected(group.render())
}
