//! The state that an operation returns: as planned, as refreshed, or after a failure.

use crate::terraform::resource::OperationFailure;

use super::from_graph::Rows;
use super::model::AssignmentModel;
use super::write_failure::WriteFailure;

/// The state after a write: the planned values, and the service's values for attributes that were unknown in the plan.
pub(super) fn applied(planned: AssignmentModel, rows: &Rows) -> AssignmentModel {
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

/// The result of a failed update or delete.
pub(super) fn state_after(
    failure: WriteFailure,
    prior: &AssignmentModel,
) -> OperationFailure<AssignmentModel> {
    let state = failure.rows_after_write().map(|rows| Box::new(refreshed(prior.clone(), rows)));
    OperationFailure { diagnostics: failure.diagnostics, state }
}

/// The state as the service has it. Ids keep the spelling of the current state.
pub(super) fn refreshed(current: AssignmentModel, rows: &Rows) -> AssignmentModel {
    AssignmentModel {
        assignments: rows.assignments(&current.assignments),
        assignment_ids: Some(rows.assignment_ids()),
        inherited_assignments: Some(rows.inherited.clone()),
        ..current
    }
}
