//! Checks of a plan against the tenant: what apply would refuse, said while planning.
//!
//! Looks only at what is new to the resource, so an unchanged one looks up nothing. A look-up that fails is told once
//! in a session and never stands for an answer; apply checks again what matters.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::graph;
use crate::resources::deadline::{Deadline, Printed};
use crate::resources::report::{self, Doing};
use crate::resources::session::{Preflight, Session};
use crate::terraform::attribute_path::AttributePath;
use crate::terraform::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::terraform::plan::Plan;
use crate::terraform::resource::{Call, Model, PlanCheck};
use crate::terraform::value::Value;

use super::from_graph::Rows;
use super::guard;
use super::listed;
use super::model::{AtpAssignmentModel, Operation, Timeouts};
use super::names::{ASSIGNMENTS, DEVICE_CONFIGURATION_ID, FILTER_ID, GROUP_ID, OVERWRITE_EXISTING};
use super::policy;

const GROUP_PERMISSION: &str = "GroupMember.Read.All";
const LEFT_OUT: &str = "The plan goes on without this check; set preflight = \"off\" to leave it out.";

/// The longest time for the look-ups of one resource in a plan: they are a service, and a person waits.
const PATIENCE: Duration = Duration::from_mins(1);

/// Everything that can be told now, within the time that a read may take and a minute at most.
pub(super) async fn check(call: &Call<'_, Session>, check: PlanCheck<'_>) -> Diagnostics {
    let session = call.client;
    let limit = Timeouts::of(&check.plan.planned).limit(Operation::Read);
    let deadline = session.deadline(limit).at_most(PATIENCE);
    let graph = session.graph.patient(deadline.patience(&call.stop));
    let (policy, groups, filters) = tokio::join!(
        deadline.within(check_policy(session, &graph, check)),
        deadline.within(check_groups(session, &graph, check.plan)),
        deadline.within(check_filters(session, &graph, check.plan)),
    );
    let mut diagnostics = Diagnostics::new();
    let mut is_cut = false;
    for (kind, checked) in [("policies", policy), ("groups", groups), ("assignment filters", filters)] {
        match checked {
            Some(Ok(found)) => diagnostics.extend(found),
            Some(Err(error)) => diagnostics.extend(not_checked(session, kind, &error)),
            None => is_cut = true,
        }
    }
    if is_cut {
        diagnostics.extend(too_slow(session, deadline));
    }
    diagnostics
}

/// The policy of a create: whether it is there, whether it is the right one, and what the create would remove.
async fn check_policy(
    session: &Session,
    graph: &graph::Client,
    check: PlanCheck<'_>,
) -> Result<Diagnostics, graph::Error> {
    let Some(id) = check.plan.planned(DEVICE_CONFIGURATION_ID).as_str() else {
        return Ok(Diagnostics::new());
    };
    let guarded = guarded_plan(check);
    let is_wanted = guarded.is_some() || session.preflight != Preflight::Off;
    let is_left_to_apply = session.is_applying() || session.lookups.policies_are_refused();
    if !check.plan.is_create() || !is_wanted || is_left_to_apply {
        return Ok(Diagnostics::new());
    }
    if listed::lets_create(session, graph, id, guarded.as_ref()).await? {
        return Ok(Diagnostics::new());
    }
    let found = graph.get_policy_for_assignment(id, &[]).await;
    match found.policy {
        Ok(policy) if !policy.is_defender_atp() => Ok(judged(session, policy::other_type(id, &policy))),
        Ok(_) => match guarded {
            Some(planned) => Ok(guard_create(graph, &planned, found.assignments?).await),
            None => Ok(Diagnostics::new()),
        },
        Err(error) if error.is_resource_not_found() => Ok(missing_policy(session, id)),
        Err(error) => {
            if error.is_forbidden() {
                session.lookups.note_refused_policies();
            }
            Err(error)
        }
    }
}

/// The typed plan, if the guard of creates can speak now: all is known, and this is not the second half of a
/// replacement, whose first half may be what is assigned.
fn guarded_plan(check: PlanCheck<'_>) -> Option<AtpAssignmentModel> {
    let known = |name| check.plan.planned(name).is_wholly_known();
    let speaks = check.is_fresh && known(ASSIGNMENTS) && known(OVERWRITE_EXISTING);
    if speaks { AtpAssignmentModel::from_value(&check.plan.planned).ok() } else { None }
}

async fn guard_create(
    graph: &graph::Client,
    planned: &AtpAssignmentModel,
    rows: Vec<graph::types::Assignment>,
) -> Diagnostics {
    match guard::create(planned, &Rows::new(rows)) {
        Ok(()) => Diagnostics::new(),
        Err(refusal) => guard::report(refusal, graph, &planned.device_configuration_id).await,
    }
}

async fn check_groups(
    session: &Session,
    graph: &graph::Client,
    plan: &Plan,
) -> Result<Diagnostics, graph::Error> {
    let mut diagnostics = Diagnostics::new();
    // Apply waits for a group that was made just now, so that nothing is to be told before.
    if session.preflight != Preflight::Off && !session.is_applying() {
        for id in session.lookups.missing_groups(graph, &entering(plan, GROUP_ID)).await? {
            diagnostics.push(missing_group(&id));
        }
    }
    Ok(diagnostics)
}

async fn check_filters(
    session: &Session,
    graph: &graph::Client,
    plan: &Plan,
) -> Result<Diagnostics, graph::Error> {
    let mut diagnostics = Diagnostics::new();
    if session.preflight != Preflight::Off {
        for id in entering(plan, FILTER_ID) {
            match session.lookups.filter(graph, &id).await? {
                Some(filter) if filter.is_for_windows() => {}
                Some(filter) => diagnostics.extend(judged(session, unfit_filter(&id, filter))),
                None => diagnostics.extend(judged(session, missing_filter(&id))),
            }
        }
    }
    Ok(diagnostics)
}

/// Known ids of the planned set that are not in the prior state, in lower case.
fn entering(plan: &Plan, name: &str) -> BTreeSet<String> {
    let ids = |value: Option<&Value>| -> BTreeSet<String> {
        let elements = value.and_then(Value::as_set).into_iter().flat_map(|set| set.iter());
        elements.filter_map(|element| Some(element.attribute(name)?.as_str()?.to_ascii_lowercase())).collect()
    };
    let before = ids(plan.prior.attribute(ASSIGNMENTS));
    ids(Some(plan.planned(ASSIGNMENTS))).difference(&before).cloned().collect()
}

/// A finding that apply would refuse: as severe as `preflight` says.
fn judged(session: &Session, mut diagnostic: Diagnostic) -> Diagnostics {
    match session.preflight {
        Preflight::Error => diagnostic.into(),
        Preflight::Warn => {
            diagnostic.severity = Severity::Warning;
            diagnostic.into()
        }
        Preflight::Off => Diagnostics::new(),
    }
}

fn missing_policy(session: &Session, id: &str) -> Diagnostics {
    if session.preflight == Preflight::Off {
        return Diagnostics::new();
    }
    Diagnostic::warning(
        format!("Policy {id} does not exist"),
        "It was deleted or the id is wrong; apply will fail. If the policy is being created at this moment, apply \
         waits up to 2 minutes for it.",
    )
    .at(AttributePath::root(DEVICE_CONFIGURATION_ID))
    .into()
}

fn missing_group(id: &str) -> Diagnostic {
    Diagnostic::warning(
        format!("Group {id} does not exist"),
        "The directory does not know it: it was deleted, the id is wrong, or the token belongs to another tenant. \
         Apply waits up to 2 minutes for a group that was made just now, and then fails without writing anything.",
    )
    .at(AttributePath::root(ASSIGNMENTS))
}

fn missing_filter(id: &str) -> Diagnostic {
    Diagnostic::error(
        format!("Assignment filter {id} does not exist"),
        "Intune has no assignment filter of that id: it was deleted, the id is wrong, or the token belongs to \
         another tenant. Nothing was changed.\nNext: correct filter_id, or leave filter_id and filter_type out.",
    )
    .at(AttributePath::root(ASSIGNMENTS))
}

fn unfit_filter(id: &str, filter: &graph::types::AssignmentFilter) -> Diagnostic {
    Diagnostic::error(
        format!("Assignment filter {id} is not for Windows"),
        format!(
            "The filter {:?} is for the platform {}. A Defender for Endpoint onboarding policy takes filters for \
             windows10AndLater only. Nothing was changed.\nNext: use a filter of that platform.",
            filter.display_name.as_deref().unwrap_or_default(),
            filter.platform.as_deref().unwrap_or("unknown"),
        ),
    )
    .at(AttributePath::root(ASSIGNMENTS))
}

/// A look-up that failed, told once in a session for each kind; a token that is refused, once for all of them.
///
/// A sign-in that failed is never passed over: the plan could not be applied.
fn not_checked(session: &Session, kind: &'static str, error: &graph::Error) -> Diagnostics {
    let subject = if error.is_unauthorized() { "token" } else { kind };
    let is_signed_in = !matches!(error, graph::Error::NotSignedIn(_));
    if is_signed_in && (session.preflight == Preflight::Off || !session.lookups.first_time(subject)) {
        return Diagnostics::new();
    }
    let (permission, outcome) = match kind {
        "policies" => {
            (policy::READ_PERMISSION, "The plan goes on without this check; apply makes it before it writes.")
        }
        "groups" => (GROUP_PERMISSION, LEFT_OUT),
        _ => (policy::READ_PERMISSION, LEFT_OUT),
    };
    let action = format!("looking up {kind} for the plan");
    // Without a token every look-up ends alike, so that one of them speaks for all of this plan.
    let (object, outcome) = if is_signed_in { (kind, outcome) } else { ("the plan", "") };
    let doing = Doing { object, action: &action, permission, outcome };
    report::graph_warning(format!("New {kind} could not be checked"), doing, error).into()
}

/// The look-ups of one plan took longer than they may. Nothing is known of what is left.
fn too_slow(session: &Session, deadline: Deadline<'_>) -> Diagnostics {
    if session.preflight == Preflight::Off {
        return Diagnostics::new();
    }
    Diagnostic::warning(
        "Not everything new could be checked",
        format!(
            "Looking up what the plan would add was given up after {}. The plan goes on without this check; apply \
             checks again what matters.\nNext: plan again when the service is quicker, or set preflight = \"off\" to \
             leave the check out.",
            Printed(deadline.limit())
        ),
    )
    .into()
}
