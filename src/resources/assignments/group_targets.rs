//! Finds updates that add a group to a policy that Intune does not assign to Entra groups: a policy whose
//! `disableEntraGroupPolicyAssignment` is true.

use crate::graph;
use crate::resources::session::{Preflight, Session};
use crate::terraform::diagnostic::Diagnostics;
use crate::terraform::plan::Plan;
use crate::terraform::value::Value;

use super::kind::PolicyKind;
use super::names::{ASSIGNMENTS, EXCLUSION_GROUP, GROUP, TYPE};
use super::policy::Policy;
use super::session_records::lookups::{LookupFailure, LookupKind};
use super::severity::with_preflight_severity;

/// If an update adds a group, checks whether its policy accepts groups. For a create or a replacement,
/// [`super::plan_guard`] checks the policy when it reads it.
///
/// # Errors
/// The policy could not be read.
pub(super) async fn check_update(
    kind: &'static PolicyKind,
    session: &Session,
    client: &graph::Client,
    plan: &Plan,
) -> Result<Diagnostics, graph::Error> {
    let id = plan.planned(kind.id_attribute).as_str();
    let is_update = !plan.is_create() && !plan.changes(kind.id_attribute);
    let needs_check = kind.may_refuse_groups && is_update && session.options.preflight != Preflight::Off;
    let Some(id) = id.filter(|_| needs_check && adds_group(plan)) else {
        return Ok(Diagnostics::new());
    };
    match session.assignments.lookups.failure(LookupKind::Policies) {
        Some(LookupFailure::Graph(error)) => return Err(error),
        Some(LookupFailure::TimedOut) => return Ok(Diagnostics::new()),
        None => {}
    }
    let policy = Policy { session, client, kind, id };
    match policy.calls().get(id).await {
        Ok(found) => match policy.refuse_unassignable(&found, true) {
            Ok(()) => Ok(Diagnostics::new()),
            Err(diagnostic) => Ok(with_preflight_severity(session, diagnostic)),
        },
        // Apply reports a missing policy.
        Err(error) if error.is_resource_not_found() => Ok(Diagnostics::new()),
        Err(error) => Err(error),
    }
}

/// Whether a target in the set is a group. The id of the group may be unknown.
pub(super) fn has_groups(set: &Value) -> bool {
    groups(set).next().is_some()
}

fn adds_group(plan: &Plan) -> bool {
    let prior_groups: Vec<&Value> = plan.prior.attribute(ASSIGNMENTS).into_iter().flat_map(groups).collect();
    groups(plan.planned(ASSIGNMENTS)).any(|group| !prior_groups.contains(&group))
}

fn groups(set: &Value) -> impl Iterator<Item = &Value> {
    let elements = set.as_set().into_iter().flat_map(|set| set.iter());
    elements.filter(|element| {
        let target_type = element.attribute(TYPE).and_then(Value::as_str);
        matches!(target_type, Some(GROUP | EXCLUSION_GROUP))
    })
}
