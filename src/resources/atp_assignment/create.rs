//! Creating the resource: for a policy without assignments, over what is there, or as the second leg of a replacement
//! by the same policy, which is an update.

use std::collections::BTreeSet;

use crate::resources::policy_records::CreateStatus;
use crate::resources::session::Session;
use crate::terraform::resource::{Model, OperationFailure, ResourceCall};

use super::from_graph::{Rows, canonical};
use super::guard::MayReplace;
use super::messages::{created_twice, has_overwritten, may_have_overwritten, timed_out};
use super::model::{Assignment, AssignmentIds, AtpAssignmentModel, Operation, entering_groups};
use super::new_state::applied;
use super::planned_private::PlannedPrivate;
use super::policy::Policy;
use super::policy_locks::{PolicyLocks, locked};
use super::wanted_write::Write;
use super::write::Written;
use super::write_failure::WriteFailure;

/// What a create starts from.
enum Origin {
    /// A policy that no object of the state manages.
    New { overwrites: bool },
    /// The old object of a replacement by the same policy, which Terraform has destroyed before.
    DestroyedFirst(AtpAssignmentModel),
    /// The assignments that the plan of a replacement by the same policy saw. The old object is still in the state.
    CreatedFirst(Vec<Assignment>),
}

impl Origin {
    /// Destroy first, the delete leg has left the old object in the session. Create first, from Terraform 1.16 on, the
    /// private data of the plan has its assignments; an earlier Terraform sends nothing, so that this looks like any
    /// other create.
    fn of(session: &Session, planned: &AtpAssignmentModel, planned_private: &[u8]) -> Self {
        let id = &planned.device_configuration_id;
        let handed_over = session.policies.take_handed_over(id);
        if let Some(old) = handed_over.and_then(|state| AtpAssignmentModel::from_value(&state).ok()) {
            return Self::DestroyedFirst(old);
        }
        let replaced = PlannedPrivate::from_bytes(planned_private).replaced_object_of(id);
        match replaced {
            // A refresh may have shown another object of the policy, whose assignments this plan does not show.
            Some(seen) if seen.is_tainted && !is_subset(&seen.assignments, &planned.assignments) => {
                Self::new_object(planned)
            }
            // Terraform has destroyed first, for a policy that was not known to be the same.
            Some(_) if session.policies.last_set(id).is_some() => Self::new_object(planned),
            Some(seen) => Self::CreatedFirst(seen.assignments),
            None => Self::new_object(planned),
        }
    }

    fn new_object(planned: &AtpAssignmentModel) -> Self {
        Self::New { overwrites: planned.overwrite_existing == Some(true) }
    }

    fn may_replace(&self) -> MayReplace<'_> {
        match self {
            Self::New { overwrites: false } => MayReplace::Nothing,
            Self::New { overwrites: true } => MayReplace::Everything,
            Self::DestroyedFirst(old) => MayReplace::Only(&old.assignments),
            Self::CreatedFirst(seen) => MayReplace::Only(seen),
        }
    }

    fn seen(&self) -> &[Assignment] {
        match self {
            Self::New { .. } => &[],
            Self::DestroyedFirst(old) => &old.assignments,
            Self::CreatedFirst(seen) => seen,
        }
    }

    /// The state after a failure: what is there, wherever this object alone is responsible for it. Create first, the
    /// old object is, which Terraform restores if there is no new one.
    fn state_after(self, failure: &WriteFailure, planned: AtpAssignmentModel) -> Option<AtpAssignmentModel> {
        match (self, &failure.rows) {
            (Self::CreatedFirst(_), _) => None,
            (Self::New { .. }, _) if !failure.may_be_written => None,
            (Self::DestroyedFirst(_), _) if failure.policy_is_gone => None,
            (_, Some(rows)) => Some(with_rows(planned, rows)),
            (Self::DestroyedFirst(old), None) if !failure.may_be_written => Some(AtpAssignmentModel {
                assignments: old.assignments,
                assignment_ids: old.assignment_ids,
                inherited_assignments: old.inherited_assignments,
                ..planned
            }),
            (_, None) => Some(unread(planned)),
        }
    }
}

/// Creates the resource. A failure after a write that may have taken effect leaves a state, so that nothing is assigned
/// outside of it; so does each failure of a replacement by the same policy.
pub(super) async fn create(
    locks: &PolicyLocks,
    call: &mut ResourceCall<'_, Session>,
    planned: AtpAssignmentModel,
) -> Result<AtpAssignmentModel, OperationFailure<AtpAssignmentModel>> {
    let session = call.session;
    let origin = Origin::of(session, &planned, call.planned_private);
    let written = write(locks, call, &planned, &origin).await;
    let id = &planned.device_configuration_id;
    match written {
        Ok(Written { rows, removed }) => {
            session.policies.note_create(id, CreateStatus::Succeeded);
            session.policies.note_set(id, rows.printed());
            if matches!(origin, Origin::New { .. }) && !removed.is_empty() {
                call.warnings.push(has_overwritten(id, &removed));
            }
            Ok(applied(planned, &rows))
        }
        Err(failure) => {
            if failure.may_be_written {
                session.policies.note_create(id, CreateStatus::MayHaveWritten);
            }
            if matches!(origin, Origin::New { .. }) && !failure.removed.is_empty() {
                call.warnings.push(may_have_overwritten(id, &failure.removed));
            }
            let state = origin.state_after(&failure, planned).map(Box::new);
            Err(OperationFailure { diagnostics: failure.diagnostics, state })
        }
    }
}

async fn write(
    locks: &PolicyLocks,
    call: &mut ResourceCall<'_, Session>,
    planned: &AtpAssignmentModel,
    origin: &Origin,
) -> Result<Written, WriteFailure> {
    let (session, stop) = (call.session, &mut call.stop);
    let deadline = session.deadline(planned.timeouts.limit(Operation::Create));
    let graph = session.graph.for_operation(deadline.retry_budget(stop));
    let policy = Policy::new(session, &graph, &planned.device_configuration_id);
    let prepared = async {
        let lock = locked(locks, policy, stop).await?;
        if matches!(origin, Origin::New { .. })
            && session.policies.create_status(policy.id) >= CreateStatus::MayHaveWritten
        {
            return Err(created_twice(policy).into());
        }
        session.policies.note_create(policy.id, CreateStatus::Begun);
        let entering = entering_groups(&planned.assignments, origin.seen());
        Ok((lock, policy.find(&entering, deadline, stop).await?))
    };
    let prepared = deadline.within(prepared).await;
    let prepared = prepared.unwrap_or_else(|| Err(timed_out(Operation::Create, deadline, policy)));
    let (_lock, look) = prepared.map_err(WriteFailure::nothing_written)?;
    let write = Write {
        policy,
        wanted: &planned.assignments,
        may_replace: origin.may_replace(),
        operation: Operation::Create,
    };
    write.run(look, deadline, stop).await
}

/// What a failure leaves, as it was read.
fn with_rows(planned: AtpAssignmentModel, rows: &Rows) -> AtpAssignmentModel {
    AtpAssignmentModel {
        assignments: rows.assignments(&planned.assignments),
        assignment_ids: Some(rows.assignment_ids()),
        inherited_assignments: Some(rows.inherited.clone()),
        ..planned
    }
}

/// What a failure leaves if it cannot be read: the set as planned.
fn unread(planned: AtpAssignmentModel) -> AtpAssignmentModel {
    AtpAssignmentModel {
        assignment_ids: Some(AssignmentIds::new()),
        inherited_assignments: Some(Vec::new()),
        ..planned
    }
}

fn is_subset(seen: &[Assignment], planned: &[Assignment]) -> bool {
    let planned: BTreeSet<_> = canonical(planned);
    canonical(seen).is_subset(&planned)
}
