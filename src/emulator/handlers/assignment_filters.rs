//! `deviceManagement/assignmentFilters`, which beta alone has: list, get, create, delete.

use axum::http::Method;
use serde_json::{Map, Value};

use super::INTUNE_PAGE;
use crate::emulator::answer::Answer;
use crate::emulator::call::Call;
use crate::emulator::errors::Refusal;
use crate::emulator::model::assignment_filter::{AssignmentFilter, MEMBERS, TYPE_NAME};
use crate::emulator::odata::page::Row;
use crate::emulator::state::State;
use crate::emulator::timestamp::now;

const COLLECTION: &str = "deviceManagement/assignmentFilters";

/// Answers everything at and below the collection.
pub fn answer(call: &Call<'_>, below: &[&str], state: &mut State) -> Result<Answer, Refusal> {
    match (&call.incoming.method, below) {
        (&Method::GET, []) => list(call, state),
        (&Method::POST, []) => create(call, state),
        (&Method::GET, [id]) => get(call, id, state),
        (&Method::DELETE, [id]) => delete(id, state),
        _ => Err(call.route_error()),
    }
}

fn list(call: &Call<'_>, state: &State) -> Result<Answer, Refusal> {
    // Whether `$filter` works here is unproven; clients list all and compare names themselves.
    call.query.allow(&["$select", "$top", "$skiptoken"])?;
    call.query.check_select(TYPE_NAME, &MEMBERS)?;
    let row = |filter: &AssignmentFilter| Row { id: filter.id.clone(), members: shown(call, filter, state) };
    let rows = state.filters.iter().map(row).collect();
    Ok(call.collection(&call.query.context_of(COLLECTION), rows, INTUNE_PAGE))
}

fn create(call: &Call<'_>, state: &mut State) -> Result<Answer, Refusal> {
    let filter = AssignmentFilter::created(call.json()?, &now())?;
    let answer = Answer::entity(201, call.context(&format!("{COLLECTION}/$entity")), filter.render(&[]));
    state.filters.push(filter);
    Ok(answer)
}

fn get(call: &Call<'_>, id: &str, state: &State) -> Result<Answer, Refusal> {
    call.query.allow(&["$select"])?;
    call.query.check_select(TYPE_NAME, &MEMBERS)?;
    let filter = state.filter(id).ok_or_else(Refusal::intune_not_found)?;
    let context = call.context(&format!("{}/$entity", call.query.context_of(COLLECTION)));
    Ok(Answer::entity(200, context, shown(call, filter, state)))
}

/// A filter in use cannot be deleted.
fn delete(id: &str, state: &mut State) -> Result<Answer, Refusal> {
    if !state.uses_of(id).is_empty() {
        return Err(Refusal::intune_bad_request(
            "The assignment filter has existing assignments and cannot be deleted.",
        ));
    }
    if state.remove_filter(id) { Ok(Answer::no_content()) } else { Err(Refusal::intune_not_found()) }
}

fn shown(call: &Call<'_>, filter: &AssignmentFilter, state: &State) -> Map<String, Value> {
    call.query.selected(filter.render(&state.uses_of(&filter.id)))
}
