//! `POST directoryObjects/getByIds`: many groups by id in one call. Other kinds of directory objects do not
//! exist here.

use axum::http::Method;
use serde_json::{Value, json};

use crate::emulator::answer::Answer;
use crate::emulator::call::Call;
use crate::emulator::errors::Refusal;
use crate::emulator::members::{Members, ShapeError};
use crate::emulator::model::group::Group;
use crate::emulator::model::guid;
use crate::emulator::odata::page::Row;
use crate::emulator::semantics::GroupLookUp;
use crate::emulator::state::State;

/// The most ids in one call, and so the most rows in one answer.
const MAX_IDS: usize = 1000;

/// Answers with the groups that exist; ids that name nothing are simply missing, or refused by choice.
pub fn get_by_ids(call: &Call<'_>, state: &State) -> Result<Answer, Refusal> {
    if call.incoming.method != Method::POST {
        return Err(Refusal::method_not_allowed());
    }
    call.query.allow(&["$select"])?;
    let (ids, types) = read_body(call.json()?).map_err(|error| Refusal::directory_bad_request(error.text))?;
    if ids.len() > MAX_IDS {
        return Err(Refusal::directory_bad_request(format!("More than {MAX_IDS} ids were sent.")));
    }
    if let Some(wrong) = ids.iter().find(|id| guid(id).is_none()) {
        return Err(Refusal::directory_bad_request(format!("Invalid object identifier '{wrong}'.")));
    }
    let groups_wanted =
        types.is_empty() || types.iter().any(|name| name == "group" || name == "directoryObject");
    refuse_unknown(call, state, &ids)?;
    let asked = |group: &&Group| ids.iter().any(|id| id.eq_ignore_ascii_case(&group.id));
    let found = state.groups.iter().filter(|_| groups_wanted).filter(asked);
    Ok(call.collection("directoryObjects", found.map(|group| row(call, group)).collect(), MAX_IDS))
}

/// Unless a test fault hides groups: then they are missing on purpose.
fn refuse_unknown(call: &Call<'_>, state: &State, ids: &[String]) -> Result<(), Refusal> {
    if call.semantics().group_look_up == GroupLookUp::LeaveOut || call.hides_groups() {
        return Ok(());
    }
    match ids.iter().find(|id| state.group(id).is_none()) {
        Some(id) => Err(Refusal::directory_bad_request(call.not_in_the_tenant(id))),
        None => Ok(()),
    }
}

fn read_body(document: Value) -> Result<(Vec<String>, Vec<String>), ShapeError> {
    let mut members = Members::of(document, "getByIds", "")?;
    let Some(ids) = members.texts("ids")?.value() else {
        return Err(ShapeError::new("ids", "The parameter 'ids' must be sent and not be null."));
    };
    let types = members.texts("types")?.value().unwrap_or_default();
    members.finish()?;
    Ok((ids, types))
}

fn row(call: &Call<'_>, group: &Group) -> Row {
    let mut members = group.render();
    members.insert("@odata.type".to_owned(), json!("#microsoft.graph.group"));
    Row { id: group.id.clone(), members: call.query.selected(members) }
}
