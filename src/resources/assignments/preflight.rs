//! Checks a plan against the tenant and reports what apply would refuse.
//!
//! The checks look up only the groups, filters and policies that the plan adds to the resource. Intune does not assign
//! some EDR policies to Entra groups, so an update that adds a group to an EDR policy looks up the policy, too. An
//! unchanged resource needs no request. The session reports a failed look-up once. The report is an error if apply would
//! fail for the same cause. Otherwise it is a warning, and the plan continues without the check, because apply checks
//! again before it writes.

use std::collections::BTreeSet;
use std::time::Duration;

use super::session_records::lookups::{LookupFailure, LookupKind};
use crate::graph::types::AssignmentFilter;
use crate::graph::{self, FilterId, GroupId};
use crate::resources::deadline::{Deadline, DisplayDuration};
use crate::resources::graph_operation::capitalize;
use crate::resources::report::{self, GraphOperation};
use crate::resources::session::{Preflight, Session};
use crate::resources::timeouts::{Operation, Timeouts};
use crate::terraform::attribute_path::AttributePath;
use crate::terraform::diagnostic::{Diagnostic, Diagnostics, list, quote};
use crate::terraform::plan::Plan;
use crate::terraform::resource::{PlanCheck, PlanStage, ResourceCall};
use crate::terraform::value::Value;

use super::group_targets;
use super::kind::PolicyKind;
use super::names::{ASSIGNMENTS, FILTER_ID, GROUP_ID};
use super::overlap;
use super::plan_guard;
use super::policy;
use super::severity::with_preflight_severity;

const GROUP_PERMISSION: &str = "GroupMember.Read.All";
const CHECK_SKIPPED: &str =
    "The plan continues without this check. To skip the check, set preflight = \"off\".";

/// The time limit for the look-ups of one resource in a plan. It is short because a user waits for the plan.
const MAX_LOOKUP_TIME: Duration = Duration::from_mins(1);

/// How long a plan retries a look-up if the service or the network fails.
const MAX_FAILURE_TIME: Duration = Duration::from_secs(10);

/// Runs all checks, within the read time-out and [`MAX_LOOKUP_TIME`]. Does nothing during apply.
pub(super) async fn check(
    kind: &'static PolicyKind,
    call: &ResourceCall<'_, Session>,
    check: PlanCheck<'_>,
) -> Diagnostics {
    let session = call.session;
    // Terraform repeats the plan during apply. After the delete of a replacement, an error in the repeated plan would
    // drop the object from the state.
    if check.stage == PlanStage::DuringApply || session.assignments.is_applying() {
        return Diagnostics::new();
    }
    let limit = Timeouts::from_state(&check.plan.planned).limit(Operation::Read);
    let deadline = session.deadline(limit).at_most(MAX_LOOKUP_TIME);
    let retry_budget = deadline.retry_budget(&call.stop).with_failure_limit(MAX_FAILURE_TIME);
    let graph = session.graph.for_operation(retry_budget);
    let (policies, added_groups, groups, filters) = tokio::join!(
        deadline.within(plan_guard::check(kind, session, &graph, check)),
        deadline.within(group_targets::check_update(kind, session, &graph, check.plan)),
        deadline.within(check_groups(session, &graph, check.plan)),
        deadline.within(check_filters(kind, session, &graph, check.plan)),
    );
    let policies = findings_or_failure(session, LookupKind::Policies, deadline, policies);
    let added_groups = findings_or_failure(session, LookupKind::Policies, deadline, added_groups);
    let groups = findings_or_failure(session, LookupKind::Groups, deadline, groups);
    let filters = findings_or_failure(session, LookupKind::Filters, deadline, filters);
    let overlaps = overlap::check(kind, session, check).await;
    [policies, added_groups, groups, filters, overlaps].into_iter().flatten().collect()
}

/// Returns the findings of a check. If its look-up failed, reports and records the failure instead.
fn findings_or_failure(
    session: &Session,
    kind: LookupKind,
    deadline: Deadline<'_>,
    result: Option<Result<Diagnostics, graph::Error>>,
) -> Diagnostics {
    match result {
        Some(Ok(findings)) => findings,
        Some(Err(error)) => {
            session.assignments.lookups.record_failure(kind, LookupFailure::Graph(error.clone()));
            report_failed_lookup(session, kind, &error)
        }
        None => {
            session.assignments.lookups.record_failure(kind, LookupFailure::TimedOut);
            report_timeout(session, deadline)
        }
    }
}

async fn check_groups(
    session: &Session,
    graph: &graph::Client,
    plan: &Plan,
) -> Result<Diagnostics, graph::Error> {
    let mut diagnostics = Diagnostics::new();
    if session.options.look_up_groups && should_look_up(session, LookupKind::Groups) {
        let missing = session
            .assignments
            .lookups
            .missing_groups(graph, &added_ids(plan, GROUP_ID, GroupId::new))
            .await?;
        diagnostics.extend(missing_groups_warning(&missing));
    }
    Ok(diagnostics)
}

async fn check_filters(
    kind: &PolicyKind,
    session: &Session,
    graph: &graph::Client,
    plan: &Plan,
) -> Result<Diagnostics, graph::Error> {
    let (mut missing, mut for_other_platforms) = (Vec::new(), Vec::new());
    if should_look_up(session, LookupKind::Filters) {
        for id in added_ids(plan, FILTER_ID, FilterId::new) {
            match session.assignments.lookups.filter(graph, &id).await? {
                Some(filter) if filter.is_for_windows() => {}
                Some(filter) => for_other_platforms.push((id, filter)),
                None => missing.push(id),
            }
        }
    }
    let errors =
        missing_filters_error(&missing).into_iter().chain(other_platforms_error(kind, &for_other_platforms));
    Ok(errors.flat_map(|error| with_preflight_severity(session, error)).collect())
}

/// False after a look-up of this kind has timed out. After an error of Graph, the records of the session return that
/// error again without a request.
fn should_look_up(session: &Session, kind: LookupKind) -> bool {
    let has_timed_out = matches!(session.assignments.lookups.failure(kind), Some(LookupFailure::TimedOut));
    session.options.preflight != Preflight::Off && !has_timed_out
}

/// The known values of an id attribute in the planned `assignments` that are not in the prior state.
fn added_ids<T: Ord + Clone>(plan: &Plan, id_attribute: &str, parse: impl Fn(&str) -> T) -> BTreeSet<T> {
    let ids = |value: Option<&Value>| -> BTreeSet<T> {
        let elements = value.and_then(Value::as_set).into_iter().flat_map(|set| set.iter());
        elements.filter_map(|element| Some(parse(element.attribute(id_attribute)?.as_str()?))).collect()
    };
    let prior = ids(plan.prior.attribute(ASSIGNMENTS));
    ids(Some(plan.planned(ASSIGNMENTS))).difference(&prior).cloned().collect()
}

fn missing_groups_warning(ids: &[GroupId]) -> Option<Diagnostic> {
    let summary = match ids {
        [] => return None,
        [id] => format!("Group {id} does not exist"),
        _ => format!("{} groups do not exist", ids.len()),
    };
    let detail = format!(
        "{}The directory has no such group: it was deleted, the id is wrong, or the token belongs to another tenant. \
         Apply waits up to 2 minutes for a group that was just created, and then fails without writing anything.",
        list_of_several(ids)
    );
    Some(Diagnostic::warning(summary, detail).at(AttributePath::root(ASSIGNMENTS)))
}

fn missing_filters_error(ids: &[FilterId]) -> Option<Diagnostic> {
    let summary = match ids {
        [] => return None,
        [id] => format!("Assignment filter {id} does not exist"),
        _ => format!("{} assignment filters do not exist", ids.len()),
    };
    let detail = format!(
        "{}Intune has no assignment filter with this id: it was deleted, the id is wrong, or the token belongs to \
         another tenant. Nothing was changed.\nNext: correct filter_id, or leave filter_id and filter_type out.",
        list_of_several(ids)
    );
    Some(Diagnostic::error(summary, detail).at(AttributePath::root(ASSIGNMENTS)))
}

fn other_platforms_error(kind: &PolicyKind, filters: &[(FilterId, &AssignmentFilter)]) -> Option<Diagnostic> {
    let summary = match filters {
        [] => return None,
        [(id, _)] => format!("Assignment filter {id} is not for Windows"),
        _ => format!("{} assignment filters are not for Windows", filters.len()),
    };
    let described = filters.iter().map(|(id, filter)| {
        let name = quote(filter.display_name.as_deref().unwrap_or_default());
        format!("{id} ({name}) is for the platform {}", filter.platform.as_deref().unwrap_or("unknown"))
    });
    let detail = format!(
        "{}{} takes filters for windows10AndLater only. Nothing was changed.\nNext: use a filter of that platform.",
        list(described),
        capitalize(kind.texts.policy)
    );
    Some(Diagnostic::error(summary, detail).at(AttributePath::root(ASSIGNMENTS)))
}

/// Lists the ids; returns an empty text for a single id, because the summary contains it.
fn list_of_several(ids: &[impl ToString]) -> String {
    if ids.len() > 1 { list(ids.iter().map(ToString::to_string)) } else { String::new() }
}

/// Reports a failed look-up. The session reports each cause once; a failed sign-in keeps its own record, see
/// [`crate::auth::Error`]. If apply would fail for the same cause, the report is
/// an error, and each further resource gets a short error that refers to the report.
fn report_failed_lookup(session: &Session, kind: LookupKind, error: &graph::Error) -> Diagnostics {
    let (permission, outcome) = match kind {
        LookupKind::Policies => (
            policy::READ_PERMISSION,
            "The plan continues without this check. Apply repeats the check before it writes.",
        ),
        LookupKind::Groups => (GROUP_PERMISSION, CHECK_SKIPPED),
        LookupKind::Filters => (policy::READ_PERMISSION, CHECK_SKIPPED),
    };
    let stops_apply = stops_apply(kind, error);
    let object = kind.as_str();
    let action = format!("looking up {object} for the plan");
    // Without a token, every look-up fails for the same reason, so the message is about the whole plan.
    let is_signed_in = !matches!(error, graph::Error::NotSignedIn(_));
    let object = if is_signed_in { object } else { "the plan" };
    let outcome = if stops_apply || !is_signed_in { "" } else { outcome };
    let operation = GraphOperation { object, action: &action, permission, outcome };
    if !is_signed_in {
        return report::graph_error(operation, error).into();
    }
    let diagnostic = if stops_apply {
        report::graph_error(operation, error)
    } else {
        report::graph_warning(format!("New {object} could not be checked"), operation, error)
    };
    match session.assignments.lookups.reported.record(cause_of(kind, error), &diagnostic.summary) {
        None => diagnostic.into(),
        // Only the look-up of policies refers to the earlier report, so that a resource gets one error and not three.
        Some(summary) if stops_apply && kind == LookupKind::Policies => {
            refer_to_report(object, &summary).into()
        }
        Some(_) => Diagnostics::new(),
    }
}

/// The name under which the session records the cause of a failed look-up.
fn cause_of(kind: LookupKind, error: &graph::Error) -> &'static str {
    match error {
        _ if error.is_unauthorized() => "token",
        _ if is_without_connection(error) => "connection",
        _ => kind.as_str(),
    }
}

/// Whether apply would fail for the same reason: Graph cannot be reached, refuses the token, or denies access to
/// policies.
fn stops_apply(kind: LookupKind, error: &graph::Error) -> bool {
    let is_denied = error.is_forbidden() && kind == LookupKind::Policies;
    is_denied || error.is_unauthorized() || is_without_connection(error)
}

/// Whether Graph cannot be reached, or the HTTP client cannot be set up.
fn is_without_connection(error: &graph::Error) -> bool {
    matches!(
        error,
        graph::Error::NotReached { .. } | graph::Error::NotSent(graph::RequestError::NotBuilt { .. })
    )
}

fn refer_to_report(object: &str, summary: &str) -> Diagnostic {
    Diagnostic::error(
        format!("New {object} could not be checked"),
        format!("See the diagnostic with the summary {summary:?} in this run."),
    )
}

/// Reports that the look-ups of a plan exceeded their time limit.
fn report_timeout(session: &Session, deadline: Deadline<'_>) -> Diagnostics {
    let summary = "Not all new objects could be checked";
    if session.assignments.lookups.reported.record("time", summary).is_some() {
        return Diagnostics::new();
    }
    Diagnostic::warning(
        summary,
        format!(
            "Looking up new policies, groups and filters timed out after {}. The plan continues without these checks. \
             Apply repeats the important checks.\nNext: plan again later, or set preflight = \"off\" to skip the \
             check.",
            DisplayDuration(deadline.limit())
        ),
    )
    .into()
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn many_missing_groups_share_one_warning() {
        let ids: Vec<GroupId> = (1..=12).map(|number| GroupId::new(&format!("group-{number}"))).collect();
        let warning = missing_groups_warning(&ids).unwrap();
        assert_eq!(warning.summary, "12 groups do not exist");
        expect![[r#"
            - group-1
            - group-2
            - group-3
            - group-4
            - group-5
            - group-6
            - group-7
            - group-8
            - group-9
            - group-10
            - and 2 more
        "#]]
        .assert_eq(warning.detail.split("The directory").next().unwrap());
        assert_eq!(missing_groups_warning(&[]), None);
    }

    #[test]
    fn many_missing_filters_share_one_error() {
        let ids = ["filter-1", "filter-2"].map(FilterId::new);
        let error = missing_filters_error(&ids).unwrap();
        assert_eq!(error.summary, "2 assignment filters do not exist");
        assert!(error.detail.starts_with("- filter-1\n- filter-2\nIntune"), "{}", error.detail);
    }
}
