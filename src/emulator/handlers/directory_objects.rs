//! `POST directoryObjects/getByIds`: many groups by id in one call. Other kinds of directory objects are not
//! modeled.

use axum::http::Method;
use serde_json::{Value, json};

use crate::emulator::member_reader::{MemberReader, ShapeError};
use crate::emulator::model::group::StoredGroup;
use crate::emulator::model::guid;
use crate::emulator::odata::page::CollectionRow;
use crate::emulator::response::ServiceResponse;
use crate::emulator::routed_request::RoutedRequest;
use crate::emulator::semantics::GroupLookUp;
use crate::emulator::service_error::ServiceError;
use crate::emulator::state::TenantState;

/// The maximum number of ids in a call, and so of rows in a response.
const MAX_IDS: usize = 1000;

/// Returns the groups that exist. Unknown ids are left out, or refused by choice.
pub fn get_by_ids(request: &RoutedRequest<'_>, state: &TenantState) -> Result<ServiceResponse, ServiceError> {
    if request.incoming.method != Method::POST {
        return Err(ServiceError::method_not_allowed());
    }
    request.query.allow(&["$select"])?;
    let (ids, types) =
        read_body(request.json()?).map_err(|error| ServiceError::directory_bad_request(error.text))?;
    if ids.len() > MAX_IDS {
        return Err(ServiceError::directory_bad_request(format!("More than {MAX_IDS} ids were sent.")));
    }
    if let Some(wrong) = ids.iter().find(|id| guid(id).is_none()) {
        return Err(ServiceError::directory_bad_request(format!("Invalid object identifier '{wrong}'.")));
    }
    let groups_wanted =
        types.is_empty() || types.iter().any(|name| name == "group" || name == "directoryObject");
    refuse_unknown(request, state, &ids)?;
    let asked = |group: &&StoredGroup| ids.iter().any(|id| id.eq_ignore_ascii_case(&group.id));
    let found = state.groups.iter().filter(|_| groups_wanted).filter(asked);
    Ok(request.collection("directoryObjects", found.map(|group| row(request, group)).collect(), MAX_IDS))
}

/// A test fault may hide groups; then missing groups are not an error.
fn refuse_unknown(
    request: &RoutedRequest<'_>,
    state: &TenantState,
    ids: &[String],
) -> Result<(), ServiceError> {
    if request.semantics().group_look_up == GroupLookUp::LeaveOut || request.hides_groups() {
        return Ok(());
    }
    match ids.iter().find(|id| state.group(id).is_none()) {
        Some(id) => Err(ServiceError::directory_bad_request(request.unknown_group_message(id))),
        None => Ok(()),
    }
}

fn read_body(document: Value) -> Result<(Vec<String>, Vec<String>), ShapeError> {
    let mut members = MemberReader::open(document, "getByIds", "")?;
    let Some(ids) = members.texts("ids")?.value() else {
        return Err(ShapeError::new("ids", "The parameter 'ids' must be sent and not be null."));
    };
    let types = members.texts("types")?.value().unwrap_or_default();
    members.finish()?;
    Ok((ids, types))
}

fn row(request: &RoutedRequest<'_>, group: &StoredGroup) -> CollectionRow {
    let mut members = group.render();
    members.insert("@odata.type".to_owned(), json!("#microsoft.graph.group"));
    CollectionRow::new(&group.id, members, &request.query)
}
