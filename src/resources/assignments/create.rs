//! Creates the resource: for a policy without assignments, over existing assignments, or as the second half of a
//! replacement by the same policy, which is an update.

use std::collections::BTreeSet;

use super::session_records::policy_records::CreateStatus;
use crate::resources::session::Session;
use crate::resources::timeouts::Operation;
use crate::terraform::resource::{OperationFailure, ResourceCall};

use super::from_graph::{Rows, canonical};
use super::guard::MayReplace;
use super::messages::{created_twice, has_overwritten, may_have_overwritten};
use super::model::{Assignment, AssignmentIds, AssignmentModel, entering_groups};
use super::new_state::applied;
use super::operation_context::OperationContext;
use super::planned_private::PlannedPrivate;
use super::planned_write::PlannedWrite;
use super::policy_locks::{PolicyLocks, acquire_lock};
use super::write::Written;
use super::write_failure::WriteFailure;

/// What a create replaces.
enum Origin {
    /// A policy that no object in the state manages.
    New { overwrites: bool },
    /// The old object of a replacement by the same policy. Terraform has already destroyed it.
    DestroyedFirst(AssignmentModel),
    /// The assignments that the plan of a replacement by the same policy was made from. The old object is still in the
    /// state.
    CreatedFirst(Vec<Assignment>),
}

impl Origin {
    /// With destroy first, the session has the old object from the delete half. With create first, the private data of
    /// the plan has its assignments from Terraform 1.16 on; earlier versions send nothing, so the create looks like any
    /// other.
    fn of(session: &Session, planned: &AssignmentModel, planned_private: &[u8]) -> Self {
        let id = &planned.policy_id;
        let records = session.assignments.collection(planned.kind.collection);
        let replaced_object = records.policies.take_replaced_object(id);
        let old = replaced_object.and_then(|state| AssignmentModel::from_value(planned.kind, &state).ok());
        if let Some(old) = old {
            return Self::DestroyedFirst(old);
        }
        let replaced = PlannedPrivate::from_bytes(planned_private).replaced_object_of(id);
        match replaced {
            // The refresh may have been of another object of the policy, and this plan does not show its assignments.
            Some(seen) if seen.is_from_refresh && !is_subset(&seen.assignments, &planned.assignments) => {
                Self::new_object(planned)
            }
            // Destroy first, planned while the new policy's id was unknown: the delete half has emptied the policy.
            Some(_) if records.policies.last_written_set(id).is_some() => Self::new_object(planned),
            Some(seen) => Self::CreatedFirst(seen.assignments),
            None => Self::new_object(planned),
        }
    }

    fn new_object(planned: &AssignmentModel) -> Self {
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

    /// Returns the state after a failure: the live assignments if this object alone is responsible for them. With
    /// create first, the old object is responsible, and Terraform restores it if the new one is null.
    fn state_after(self, failure: &WriteFailure, planned: AssignmentModel) -> Option<AssignmentModel> {
        match (self, &failure.rows) {
            (Self::CreatedFirst(_), _) => None,
            (Self::New { .. }, _) if !failure.may_have_been_written => None,
            (Self::DestroyedFirst(_), _) if failure.policy_is_gone => None,
            (_, Some(rows)) => Some(with_rows(planned, rows)),
            (Self::DestroyedFirst(old), None) if !failure.may_have_been_written => Some(AssignmentModel {
                assignments: old.assignments,
                assignment_ids: old.assignment_ids,
                inherited_assignments: old.inherited_assignments,
                ..planned
            }),
            (_, None) => Some(unread(planned)),
        }
    }
}

/// Creates the resource. A failure after a write that may have taken effect returns a state, so that no assignment is
/// outside the state. So does every failure of the create half of a replacement by the same policy, destroy first.
pub(super) async fn create(
    locks: &PolicyLocks,
    call: &mut ResourceCall<'_, Session>,
    planned: AssignmentModel,
) -> Result<AssignmentModel, OperationFailure<AssignmentModel>> {
    let session = call.session;
    let origin = Origin::of(session, &planned, call.planned_private);
    let written = write(locks, call, &planned, &origin).await;
    let records = session.assignments.collection(planned.kind.collection);
    let id = &planned.policy_id;
    match written {
        Ok(Written { rows, removed }) => {
            records.policies.record_create(id, CreateStatus::Succeeded);
            records.policies.record_written_set(id, rows.fingerprint());
            if matches!(origin, Origin::New { .. }) && !removed.is_empty() {
                call.warnings.push(has_overwritten(id, &removed));
            }
            Ok(applied(planned, &rows))
        }
        Err(failure) => {
            if failure.may_have_been_written {
                records.policies.record_create(id, CreateStatus::MayHaveWritten);
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
    planned: &AssignmentModel,
    origin: &Origin,
) -> Result<Written, WriteFailure> {
    let stop = &mut call.stop;
    let context = OperationContext::new(call.session, Operation::Create, &planned.timeouts, stop);
    let policy = context.policy(planned);
    let records = policy.records();
    let prepared = async {
        let lock = acquire_lock(locks, policy, stop).await?;
        if matches!(origin, Origin::New { .. })
            && records.policies.create_status(policy.id) >= CreateStatus::MayHaveWritten
        {
            return Err(created_twice(policy).into());
        }
        records.policies.record_create(policy.id, CreateStatus::Started);
        let entering = entering_groups(&planned.assignments, origin.seen());
        Ok((lock, policy.find(&entering, context.deadline, stop).await?))
    };
    let prepared = context.within_deadline(policy, prepared).await;
    let (_lock, live_read) = prepared.map_err(WriteFailure::nothing_written)?;
    let write = PlannedWrite {
        policy,
        planned: &planned.assignments,
        may_replace: origin.may_replace(),
        operation: Operation::Create,
    };
    write.run(live_read, context.deadline, stop).await
}

/// The state after a failure if the assignments were read.
fn with_rows(planned: AssignmentModel, rows: &Rows) -> AssignmentModel {
    AssignmentModel {
        assignments: rows.assignments(&planned.assignments),
        assignment_ids: Some(rows.assignment_ids()),
        inherited_assignments: Some(rows.inherited.clone()),
        ..planned
    }
}

/// The state after a failure if the assignments could not be read: as planned.
fn unread(planned: AssignmentModel) -> AssignmentModel {
    AssignmentModel {
        assignment_ids: Some(AssignmentIds::new()),
        inherited_assignments: Some(Vec::new()),
        ..planned
    }
}

fn is_subset(seen: &[Assignment], planned: &[Assignment]) -> bool {
    let planned: BTreeSet<_> = canonical(planned);
    canonical(seen).is_subset(&planned)
}
