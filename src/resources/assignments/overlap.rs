//! Warns if a plan includes a group that a policy of another kind includes as well. Compares with what this session has
//! planned and with lists that it has fetched; sends nothing.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::graph::{GroupId, PolicyCollection, PolicyId};
use crate::resources::session::{Preflight, Session};
use crate::terraform::attribute_path::AttributePath;
use crate::terraform::diagnostic::{Diagnostic, Diagnostics, list};
use crate::terraform::plan::Plan;
use crate::terraform::resource::{PlanCheck, PlanStage};
use crate::terraform::value::Value;

use super::from_graph::Rows;
use super::kind::PolicyKind;
use super::model::Assignment;
use super::names::{ASSIGNMENTS, GROUP};
use super::session_records::inclusions::{PlannedInclusions, PolicyKey};

/// The policies of other kinds that include the same groups.
type Overlaps = BTreeMap<GroupId, BTreeSet<String>>;

/// Records the groups that the plan includes, and warns about those that a policy of another kind includes.
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
    let overlaps = overlaps(session, (kind.collection, PolicyId::new(id)), &inclusions(kind, plan)).await;
    if overlaps.is_empty() {
        return Diagnostics::new();
    }
    let name = session.assignments.collection(kind.collection).name_of(id).await;
    warning(&described(id, name.as_deref()), &overlaps).into()
}

/// Records that a policy includes no groups after the plan, because its object is destroyed or moves to another policy.
pub(super) fn record_no_inclusions(session: &Session, kind: &PolicyKind, id: &str) {
    let policy = (kind.collection, PolicyId::new(id));
    session.assignments.inclusions.record_and_list_others(policy, PlannedInclusions::default());
}

/// The groups that the planned set includes, as far as they are known.
fn inclusions(kind: &PolicyKind, plan: &Plan) -> PlannedInclusions {
    let planned = plan.planned(ASSIGNMENTS);
    let elements = planned.as_set().into_iter().flat_map(|set| set.iter());
    let included = elements.filter_map(Assignment::from_value).filter_map(|row| included_group(&row));
    PlannedInclusions {
        groups: included.collect(),
        changes: plan.is_create() || plan.changes(ASSIGNMENTS) || plan.changes(kind.id_attribute),
    }
}

fn included_group(assignment: &Assignment) -> Option<GroupId> {
    let id = assignment.group_id.as_deref().filter(|_| assignment.target_type == GROUP)?;
    Some(GroupId::new(id))
}

/// Finds the overlaps of a plan. For a policy in the plan, its planned groups count, not those in a list of policies.
async fn overlaps(session: &Session, policy: PolicyKey, planned: &PlannedInclusions) -> Overlaps {
    let collection = policy.0;
    let others = session.assignments.inclusions.record_and_list_others(policy, planned.clone());
    let mut found = Overlaps::new();
    for ((other_collection, id), other) in &others {
        if planned.changes || other.changes {
            let name = session.assignments.collection(*other_collection).name_of(id.as_str()).await;
            add(&mut found, planned, &other.groups, &described(id.as_str(), name.as_deref()));
        }
    }
    if planned.changes {
        for other_collection in session.assignments.other_collections(collection) {
            add_listed(&mut found, session, other_collection, planned, &others).await;
        }
    }
    found
}

/// Adds the overlaps with policies that a list shows.
async fn add_listed(
    found: &mut Overlaps,
    session: &Session,
    collection: PolicyCollection,
    planned: &PlannedInclusions,
    others: &HashMap<PolicyKey, PlannedInclusions>,
) {
    for listed in session.assignments.collection(collection).snapshot.policies_if_fetched().await {
        if others.contains_key(&(collection, PolicyId::new(&listed.id))) {
            continue;
        }
        let rows = Rows::new(listed.assignments.unwrap_or_default());
        let groups = rows.all().filter_map(included_group).collect();
        add(found, planned, &groups, &described(&listed.id, listed.display_name.as_deref()));
    }
}

fn add(found: &mut Overlaps, planned: &PlannedInclusions, groups: &BTreeSet<GroupId>, policy: &str) {
    for group in planned.groups.intersection(groups) {
        found.entry(group.clone()).or_default().insert(policy.to_owned());
    }
}

fn described(id: &str, name: Option<&str>) -> String {
    match name {
        Some(name) => format!("{id} ({name:?})"),
        None => id.to_owned(),
    }
}

fn warning(policy: &str, overlaps: &Overlaps) -> Diagnostic {
    let lines = overlaps.iter().map(|(group, policies)| {
        let policies: Vec<&str> = policies.iter().map(String::as_str).collect();
        format!("group {group}: policy {}", policies.join(", policy "))
    });
    Diagnostic::warning(
        "A policy of another kind includes the same group",
        format!(
            "Policy {policy} and these policies include the same groups:\n{}Their devices get two onboarding policies, \
             which may conflict.\nNext: keep the group in one of them, or exclude it from the other. While you move from \
             one kind to the other, exclude in the old policy what the new one includes.",
            list(lines)
        ),
    )
    .at(AttributePath::root(ASSIGNMENTS))
}
