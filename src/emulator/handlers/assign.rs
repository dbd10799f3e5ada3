//! `POST …/{id}/assign`: replaces all direct assignments of a policy. Rows of policy
//! sets stay.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::{assignments, target_rules};
use crate::emulator::faults::Rewrite;
use crate::emulator::member_reader::MemberReader;
use crate::emulator::model::assignment::{
    AssignmentIntent, AssignmentSource, SentAssignment, StoredAssignment,
};
use crate::emulator::model::policy_collection::PolicyCollection;
use crate::emulator::response::ServiceResponse;
use crate::emulator::routed_request::RoutedRequest;
use crate::emulator::semantics::{AssignAnswer, PolicySetRow, RepeatedTarget};
use crate::emulator::service_error::ServiceError;
use crate::emulator::state::TenantState;
use crate::emulator::timestamp::now;

/// Validates the body against the model, looks up the policy, then applies the service's rules. The set is
/// replaced only if all of it is valid.
pub fn assign(
    request: &RoutedRequest<'_>,
    collection: PolicyCollection,
    id: &str,
    state: &mut TenantState,
) -> Result<ServiceResponse, ServiceError> {
    request.query.allow(&[])?;
    let sent = read_body(request, collection)?;
    let policy = state.policy(collection, id).ok_or_else(ServiceError::intune_not_found)?;
    let mut direct = Vec::with_capacity(sent.len());
    let ignored = request.semantics().policy_set_row_sent == PolicySetRow::Ignore;
    for row in sent.into_iter().filter(|row| !(ignored && row.source == AssignmentSource::PolicySets)) {
        let row = target_rules::checked(request, state, policy, row)?;
        direct.push(StoredAssignment::direct(policy.id(), row));
    }
    let mut direct = without_repeated(request, direct)?;
    if let Some(rewrite) = request.rewrite() {
        apply(rewrite, policy.id(), &mut direct);
    }
    let policy = state.policy_mut(collection, id).ok_or_else(ServiceError::intune_not_found)?;
    let before = policy.assignments().clone();
    policy.assignments_mut().retain(|row| !row.is_direct());
    policy.assignments_mut().extend(direct);
    if request.semantics().assign_touches_policy {
        policy.touch(&now());
    }
    let shown = if request.answers_old_rows() { &before } else { policy.assignments() };
    Ok(resulting_set(request, collection, policy.id(), shown))
}

fn read_body(
    request: &RoutedRequest<'_>,
    collection: PolicyCollection,
) -> Result<Vec<SentAssignment>, ServiceError> {
    // An action has no entity type, but its parameters are closed all the same.
    let mut members = MemberReader::open(request.json()?, "assign", "")?;
    let rows = members.list("assignments")?.value();
    if collection == PolicyCollection::DeviceConfigurations && request.version().is_beta() {
        let legacy = members.list("deviceConfigurationGroupAssignments")?.value().unwrap_or_default();
        request.semantics().legacy_group_assignments.check(!legacy.is_empty(), || {
            "The parameter 'deviceConfigurationGroupAssignments' is no longer supported.".to_owned()
        })?;
    }
    members.finish()?;
    request.semantics().assignments_left_out.check(rows.is_none(), || {
        format!(
            "The parameter 'assignments', a collection of 'microsoft.graph.{}', must be sent.",
            collection.assignment_type()
        )
    })?;
    let read = |(index, row)| {
        SentAssignment::read(collection, row, request.version(), &format!("assignments[{index}]"))
    };
    Ok(rows.unwrap_or_default().into_iter().enumerate().map(read).collect::<Result<_, _>>()?)
}

/// The id consists of policy and group, so a group cannot appear twice, nor be included and excluded at once.
fn without_repeated(
    request: &RoutedRequest<'_>,
    rows: Vec<StoredAssignment>,
) -> Result<Vec<StoredAssignment>, ServiceError> {
    let mut seen = HashSet::new();
    let mut kept = Vec::with_capacity(rows.len());
    for row in rows {
        if seen.insert(row.id.to_ascii_lowercase()) {
            kept.push(row);
        } else if request.semantics().repeated_target == RepeatedTarget::Refuse {
            let text = format!("The target of assignment {} is in the set more than once.", row.id);
            return Err(ServiceError::intune_bad_request(text));
        }
    }
    Ok(kept)
}

/// Applies the change of a test fault. An added target replaces a row with the same id.
fn apply(rewrite: &Rewrite, policy_id: &str, rows: &mut Vec<StoredAssignment>) {
    rows.retain(|row| !rewrite.drops(&row.target));
    for target in rewrite.add.iter().cloned() {
        let sent =
            SentAssignment { target, intent: AssignmentIntent::Apply, source: AssignmentSource::Direct };
        let added = StoredAssignment::direct(policy_id, sent);
        rows.retain(|row| row.id != added.id);
        rows.push(added);
    }
}

fn resulting_set(
    request: &RoutedRequest<'_>,
    collection: PolicyCollection,
    policy_id: &str,
    rows: &[StoredAssignment],
) -> ServiceResponse {
    let all = request.semantics().assign_answer == AssignAnswer::AllRows;
    let shown = rows.iter().filter(|row| all || row.is_direct());
    let (rows, next) = assignments::page_of(request, collection, policy_id, shown);
    let mut members = Map::from_iter([("value".to_owned(), Value::Array(rows))]);
    if let Some(link) = next {
        members.insert("@odata.nextLink".to_owned(), json!(link));
    }
    ServiceResponse::entity(
        200,
        request.context(&format!("Collection(microsoft.graph.{})", collection.assignment_type())),
        members,
    )
}
