//! Builds the state that an operation returns: after a write, after a refresh, or after a failure.

use crate::terraform::resource::OperationFailure;

use super::from_graph::AssignmentRows;
use super::model::AssignmentModel;
use super::write_failure::WriteFailure;

/// The state after a write: the planned values, and the service's values for attributes that were unknown in the plan.
pub(super) fn applied_state(planned: AssignmentModel, rows: &AssignmentRows) -> AssignmentModel {
    let mut ids = rows.assignment_ids();
    let assignment_ids = match planned.assignment_ids {
        None => ids,
        Some(planned) => planned
            .into_iter()
            .map(|(key, id)| {
                let returned = ids.remove(&key).flatten();
                (key, id.or(returned))
            })
            .collect(),
    };
    AssignmentModel {
        assignment_ids: Some(assignment_ids),
        inherited_assignments: planned.inherited_assignments.or_else(|| Some(rows.inherited.clone())),
        ..planned
    }
}

/// The failure of an update or delete. It has a new state if a write may have taken effect.
pub(super) fn failure_with_state(
    failure: WriteFailure,
    prior: &AssignmentModel,
) -> OperationFailure<AssignmentModel> {
    let state = failure.rows_after_write().map(|rows| Box::new(refreshed_state(prior.clone(), rows)));
    OperationFailure { diagnostics: failure.diagnostics, state }
}

/// The current state with the service's assignments. The ids of groups, collections and filters keep the spelling of the
/// current state.
pub(super) fn refreshed_state(current: AssignmentModel, rows: &AssignmentRows) -> AssignmentModel {
    AssignmentModel {
        assignments: rows.assignments(&current.assignments),
        assignment_ids: Some(rows.assignment_ids()),
        inherited_assignments: Some(rows.inherited.clone()),
        ..current
    }
}
