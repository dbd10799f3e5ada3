//! Warns if a plan includes a group that a policy of another kind includes as well. Compares the plan with the earlier
//! plans of this session and with the lists of policies that the session has fetched. Sends nothing.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::graph::{GroupId, PolicyCollection, PolicyId};
use crate::resources::session::{Preflight, Session};
use crate::terraform::attribute_path::AttributePath;
use crate::terraform::diagnostic::{Diagnostic, Diagnostics, list};
use crate::terraform::plan::Plan;
use crate::terraform::resource::{PlanCheck, PlanStage};
use crate::terraform::value::Value;

use super::from_graph::AssignmentRows;
use super::kind::PolicyKind;
use super::model::Assignment;
use super::names::{ASSIGNMENTS, GROUP};
use super::session_records::inclusions::{PlannedInclusions, PolicyKey};

/// For each group that a plan includes, the policies of other kinds that include it.
type Overlaps = BTreeMap<GroupId, BTreeSet<String>>;

/// Records the groups that the plan includes, and warns about groups that a policy of another kind includes as well.
pub(super) async fn check(kind: &PolicyKind, session: &Session, check: PlanCheck<'_>) -> Diagnostics {
    if check.stage == PlanStage::ReplacementCreate || session.options.preflight == Preflight::Off {
        return Diagnostics::new();
    }
    let plan = check.plan;
    let prior = plan.prior.attribute(kind.id_attribute).and_then(Value::as_str);
    if let Some(prior) = prior.filter(|_| plan.changes(kind.id_attribute)) {
        record_no_inclusions(session, kind, prior);
    }
    let Some(id) = plan.planned(kind.id_attribute).as_str() else { return Diagnostics::new() };
    let policy = (kind.collection, PolicyId::new(id));
    let overlaps = find_overlaps(session, policy, &planned_inclusions(kind, plan)).await;
    if overlaps.is_empty() {
        return Diagnostics::new();
    }
    let name = session.assignments.collection(kind.collection).name_of(id).await;
    overlap_warning(&describe_policy(id, name.as_deref()), &overlaps).into()
}

/// Records that a policy includes no groups after the plan, because the plan destroys the resource of the policy or
/// changes the resource to another policy.
pub(super) fn record_no_inclusions(session: &Session, kind: &PolicyKind, id: &str) {
    let policy = (kind.collection, PolicyId::new(id));
    session.assignments.inclusions.record_and_list_others(policy, PlannedInclusions::default());
}

/// The groups that the planned set includes, as far as they are known.
fn planned_inclusions(kind: &PolicyKind, plan: &Plan) -> PlannedInclusions {
    let planned = plan.planned(ASSIGNMENTS);
    let elements = planned.as_set().into_iter().flat_map(|set| set.iter());
    let assignments = elements.filter_map(Assignment::from_value);
    PlannedInclusions {
        groups: assignments.filter_map(|assignment| included_group(&assignment)).collect(),
        changes_targets: plan.is_create() || plan.changes(ASSIGNMENTS) || plan.changes(kind.id_attribute),
    }
}

fn included_group(assignment: &Assignment) -> Option<GroupId> {
    let id = assignment.group_id.as_deref().filter(|_| assignment.target_type == GROUP)?;
    Some(GroupId::new(id))
}

/// Finds the overlaps of a plan. For another policy that was planned as well, the planned groups count, not the groups
/// in a fetched list.
async fn find_overlaps(session: &Session, policy: PolicyKey, planned: &PlannedInclusions) -> Overlaps {
    let collection = policy.0;
    let others = session.assignments.inclusions.record_and_list_others(policy, planned.clone());
    let mut overlaps = Overlaps::new();
    for ((other_collection, id), other) in &others {
        if planned.changes_targets || other.changes_targets {
            let name = session.assignments.collection(*other_collection).name_of(id.as_str()).await;
            let description = describe_policy(id.as_str(), name.as_deref());
            add_overlaps(&mut overlaps, planned, &other.groups, &description);
        }
    }
    if planned.changes_targets {
        for other_collection in session.assignments.other_collections(collection) {
            add_listed_policies(&mut overlaps, session, other_collection, planned, &others).await;
        }
    }
    overlaps
}

/// Adds the overlaps with policies that a list shows.
async fn add_listed_policies(
    overlaps: &mut Overlaps,
    session: &Session,
    collection: PolicyCollection,
    planned: &PlannedInclusions,
    others: &HashMap<PolicyKey, PlannedInclusions>,
) {
    for listed in session.assignments.collection(collection).snapshot.policies_if_fetched().await {
        if others.contains_key(&(collection, PolicyId::new(&listed.id))) {
            continue;
        }
        let rows = AssignmentRows::new(listed.assignments.unwrap_or_default());
        let groups = rows.all().filter_map(included_group).collect();
        let description = describe_policy(&listed.id, listed.display_name.as_deref());
        add_overlaps(overlaps, planned, &groups, &description);
    }
}

fn add_overlaps(
    overlaps: &mut Overlaps,
    planned: &PlannedInclusions,
    groups: &BTreeSet<GroupId>,
    policy: &str,
) {
    for group in planned.groups.intersection(groups) {
        overlaps.entry(group.clone()).or_default().insert(policy.to_owned());
    }
}

fn describe_policy(id: &str, name: Option<&str>) -> String {
    match name {
        Some(name) => format!("{id} ({name:?})"),
        None => id.to_owned(),
    }
}

fn overlap_warning(policy: &str, overlaps: &Overlaps) -> Diagnostic {
    let lines = overlaps.iter().map(|(group, policies)| {
        let policies: Vec<&str> = policies.iter().map(String::as_str).collect();
        format!("group {group}: policy {}", policies.join(", policy "))
    });
    Diagnostic::warning(
        "A policy of another kind includes the same group",
        format!(
            "Policy {policy} and these policies include the same groups:\n{}The devices of these groups get two \
             onboarding policies, which may conflict.\nNext: keep the group in one of them, or exclude it from the \
             other. While you move from one kind to the other, exclude the groups of the new policy from the old \
             policy.",
            list(lines)
        ),
    )
    .at(AttributePath::root(ASSIGNMENTS))
}
