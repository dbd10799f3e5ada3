//! Checks, with the list of all policies, whether a policy is unchanged and whether it has no direct assignments. All
//! resources share the list, so these checks need no request for each policy. Any other question needs a read of the
//! policy itself.

use crate::graph;

use super::from_graph::AssignmentRows;
use super::model::AssignmentModel;
use super::new_state::refreshed_state;
use super::policy::Policy;

/// Whether the list shows the policy with the same assignments as the state.
pub(super) async fn is_unchanged(
    policy: Policy<'_>,
    current: &AssignmentModel,
) -> Result<bool, graph::Error> {
    let records = policy.records();
    // The list may not show this session's own write yet.
    if records.policies.has_started_writing(policy.id) {
        return Ok(false);
    }
    let listed = records.snapshot.policy(policy.client, policy.kind, policy.id).await?;
    let Some(listed) = listed else { return Ok(false) };
    let rows = AssignmentRows::new(listed.assignments.unwrap_or_default());
    Ok(refreshed_state(current.clone(), &rows).to_value() == current.to_value())
}

/// Whether the list shows the policy with the type of its kind and without direct assignments.
pub(super) async fn is_unassigned(policy: Policy<'_>) -> Result<bool, graph::Error> {
    let listed = policy.records().snapshot.policy(policy.client, policy.kind, policy.id).await?;
    let type_name = policy.kind.in_list.map(|entry| entry.type_name);
    let listed = listed.filter(|listed| listed.type_name() == type_name);
    Ok(listed.is_some_and(|listed| !AssignmentRows::new(listed.assignments.unwrap_or_default()).has_direct()))
}
