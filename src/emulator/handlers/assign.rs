//! `POST …/deviceConfigurations/{id}/assign`: replaces all direct assignments of a policy. Rows of policy
//! sets stay.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::{assignments, target_rules};
use crate::emulator::answer::Answer;
use crate::emulator::call::Call;
use crate::emulator::errors::Refusal;
use crate::emulator::faults::Rewrite;
use crate::emulator::members::Members;
use crate::emulator::model::assignment::{Assignment, Intent, SentAssignment, Source, TYPE_NAME};
use crate::emulator::model::policy::Policy;
use crate::emulator::semantics::{AssignAnswer, RepeatedTarget};
use crate::emulator::state::State;
use crate::emulator::timestamp::now;

/// The body is checked against the model first, then the policy is looked up, then the service's rules apply;
/// the set is replaced only when all of it is valid.
pub fn assign(call: &Call<'_>, id: &str, state: &mut State) -> Result<Answer, Refusal> {
    call.query.allow(&[])?;
    let sent = read_body(call)?;
    let policy = state.policy(id).ok_or_else(Refusal::intune_not_found)?;
    let mut direct = Vec::with_capacity(sent.len());
    for row in sent {
        let row = target_rules::checked(call, state, policy, row)?;
        direct.push(Assignment::direct(&policy.id, row));
    }
    let mut direct = without_repeated(call, direct)?;
    if let Some(rewrite) = call.rewrite() {
        apply(rewrite, &policy.id, &mut direct);
    }
    let policy = state.policy_mut(id).ok_or_else(Refusal::intune_not_found)?;
    let before = policy.assignments.clone();
    policy.assignments.retain(|row| !row.is_direct());
    policy.assignments.extend(direct);
    if call.semantics().assign_touches_policy {
        policy.touch(&now());
    }
    let shown = if call.answers_old_rows() { &before } else { &policy.assignments };
    Ok(resulting_set(call, policy, shown))
}

fn read_body(call: &Call<'_>) -> Result<Vec<SentAssignment>, Refusal> {
    // An action has no type of its own; its parameters are closed all the same.
    let mut members = Members::of(call.json()?, "assign", "")?;
    let rows = members.list("assignments")?.value();
    if call.version().is_beta() {
        let legacy = members.list("deviceConfigurationGroupAssignments")?.value().unwrap_or_default();
        call.semantics().legacy_group_assignments.check(!legacy.is_empty(), || {
            "The parameter 'deviceConfigurationGroupAssignments' is no longer supported.".to_owned()
        })?;
    }
    members.finish()?;
    call.semantics().assignments_left_out.check(rows.is_none(), || {
        format!("The parameter 'assignments', a collection of 'microsoft.graph.{TYPE_NAME}', must be sent.")
    })?;
    let read = |(index, row)| SentAssignment::read(row, call.version(), &format!("assignments[{index}]"));
    Ok(rows.unwrap_or_default().into_iter().enumerate().map(read).collect::<Result<_, _>>()?)
}

/// The id is made of policy and group, so one group cannot be there twice, nor included and excluded at once.
fn without_repeated(call: &Call<'_>, rows: Vec<Assignment>) -> Result<Vec<Assignment>, Refusal> {
    let mut seen = HashSet::new();
    let mut kept = Vec::with_capacity(rows.len());
    for row in rows {
        if seen.insert(row.id.to_ascii_lowercase()) {
            kept.push(row);
        } else if call.semantics().repeated_target == RepeatedTarget::Refuse {
            let text = format!("The target of assignment {} is in the set more than once.", row.id);
            return Err(Refusal::intune_bad_request(text));
        }
    }
    Ok(kept)
}

/// The change that a test fault asks for; a target that is added takes the place of the row with its id.
fn apply(rewrite: &Rewrite, policy_id: &str, rows: &mut Vec<Assignment>) {
    rows.retain(|row| !rewrite.drops(&row.target));
    for target in rewrite.add.iter().cloned() {
        let sent = SentAssignment { target, intent: Intent::Apply, source: Source::Direct };
        let added = Assignment::direct(policy_id, sent);
        rows.retain(|row| row.id != added.id);
        rows.push(added);
    }
}

fn resulting_set(call: &Call<'_>, policy: &Policy, rows: &[Assignment]) -> Answer {
    let all = call.semantics().assign_answer == AssignAnswer::AllRows;
    let shown = rows.iter().filter(|row| all || row.is_direct());
    let (rows, next) = assignments::page_of(call, policy, shown);
    let mut members = Map::from_iter([("value".to_owned(), Value::Array(rows))]);
    if let Some(link) = next {
        members.insert("@odata.nextLink".to_owned(), json!(link));
    }
    Answer::entity(200, call.context(&format!("Collection(microsoft.graph.{TYPE_NAME})")), members)
}
