//! Creates the resource. The policy must have no direct assignments, unless `overwrite_existing` is set. In a
//! replacement for the same policy, the create instead replaces the assignments of the old object with one request, and
//! the delete sends nothing.

use std::collections::BTreeSet;

use super::session_records::policy_records::CreateStatus;
use crate::resources::session::Session;
use crate::resources::timeouts::Operation;
use crate::terraform::resource::{OperationFailure, ResourceCall};

use super::from_graph::canonical;
use super::guard::MayReplace;
use super::messages::{created_twice, has_overwritten, may_have_overwritten};
use super::model::{Assignment, AssignmentIds, AssignmentModel, added_groups};
use super::new_state::{applied_state, refreshed_state};
use super::operation_context::OperationContext;
use super::planned_private::PlannedPrivate;
use super::planned_write::PlannedWrite;
use super::policy_locks::{PolicyLocks, acquire_lock};
use super::write::Written;
use super::write_failure::WriteFailure;

/// The object that the create replaces, if the object manages the same policy. `create_before_destroy` decides whether
/// Terraform destroys it before the create.
enum Predecessor {
    /// No old object: the create does not belong to a replacement for the same policy.
    Absent { overwrites: bool },
    /// Terraform has already destroyed the old object.
    AlreadyDestroyed(AssignmentModel),
    /// The old object is still in the state. The plan was based on these assignments.
    NotYetDestroyed(Vec<Assignment>),
}

impl Predecessor {
    /// Finds the old object. If the delete came first, it has stored the old object in the session. If the create comes
    /// first, the private data of the plan contains the assignments of the old object. Before Terraform 1.16, the apply
    /// of a create does not get this data, so such a create is treated like one without an old object.
    fn find(session: &Session, planned: &AssignmentModel, planned_private: &[u8]) -> Self {
        let id = &planned.policy_id;
        let records = session.assignments.collection(planned.kind.collection);
        let replaced_object = records.policies.take_replaced_object(id);
        let old = replaced_object.and_then(|state| AssignmentModel::from_value(planned.kind, &state).ok());
        if let Some(old) = old {
            return Self::AlreadyDestroyed(old);
        }
        let prior = PlannedPrivate::from_bytes(planned_private).replaced_object_of(id);
        match prior {
            // Terraform planned the create without a prior state (the old object is tainted), so the plan took the
            // assignments of the last refresh of the policy. That refresh may have been of another resource, and the
            // plan did not show that this create would remove the assignments of that resource.
            Some(prior) if prior.is_from_refresh && !is_subset(&prior.assignments, &planned.assignments) => {
                Self::absent(planned)
            }
            // This run has already written to the policy: the delete removed all assignments, so the create has nothing
            // to replace. The delete did not store the old object, because the first plan did not know that the new
            // policy is the old one. Only the plan that Terraform repeated before this create knows.
            Some(_) if records.policies.last_written_set(id).is_some() => Self::absent(planned),
            Some(prior) => Self::NotYetDestroyed(prior.assignments),
            None => Self::absent(planned),
        }
    }

    fn absent(planned: &AssignmentModel) -> Self {
        Self::Absent { overwrites: planned.overwrite_existing == Some(true) }
    }

    fn may_replace(&self) -> MayReplace<'_> {
        match self {
            Self::Absent { overwrites: false } => MayReplace::Nothing,
            Self::Absent { overwrites: true } => MayReplace::Everything,
            Self::AlreadyDestroyed(old) => MayReplace::Only(&old.assignments),
            Self::NotYetDestroyed(assignments) => MayReplace::Only(assignments),
        }
    }

    fn prior_assignments(&self) -> &[Assignment] {
        match self {
            Self::Absent { .. } => &[],
            Self::AlreadyDestroyed(old) => &old.assignments,
            Self::NotYetDestroyed(assignments) => assignments,
        }
    }

    /// Returns what Terraform stores for the new object after a failure. Nothing if the state still has the old object,
    /// if nothing was written and there was no old object, or if the policy of a destroyed object is gone. Otherwise the
    /// live assignments. If they could not be read: the old assignments if nothing was written, else the planned ones.
    fn state_after(self, failure: &WriteFailure, planned: AssignmentModel) -> Option<AssignmentModel> {
        match (self, &failure.rows) {
            (Self::NotYetDestroyed(_), _) => None,
            (Self::Absent { .. }, _) if !failure.may_have_been_written => None,
            (Self::AlreadyDestroyed(_), _) if failure.policy_is_gone => None,
            (_, Some(rows)) => Some(refreshed_state(planned, rows)),
            (Self::AlreadyDestroyed(old), None) if !failure.may_have_been_written => Some(AssignmentModel {
                assignments: old.assignments,
                assignment_ids: old.assignment_ids,
                inherited_assignments: old.inherited_assignments,
                ..planned
            }),
            (_, None) => Some(as_planned(planned)),
        }
    }
}

/// Creates the resource.
///
/// # Errors
/// The failure includes a state if the policy may have assignments that no other object in the state has: after a write
/// that may have taken effect, or if Terraform has already destroyed the old object for the same policy.
pub(super) async fn create(
    locks: &PolicyLocks,
    call: &mut ResourceCall<'_, Session>,
    planned: AssignmentModel,
) -> Result<AssignmentModel, OperationFailure<AssignmentModel>> {
    let session = call.session;
    let predecessor = Predecessor::find(session, &planned, call.planned_private);
    let written = write(locks, call, &planned, &predecessor).await;
    let records = session.assignments.collection(planned.kind.collection);
    let id = &planned.policy_id;
    match written {
        Ok(Written { rows, removed }) => {
            records.policies.record_create(id, CreateStatus::Succeeded);
            records.policies.record_written_set(id, rows.canonical_strings());
            if matches!(predecessor, Predecessor::Absent { .. }) && !removed.is_empty() {
                call.warnings.push(has_overwritten(id, &removed));
            }
            Ok(applied_state(planned, &rows))
        }
        Err(failure) => {
            if failure.may_have_been_written {
                records.policies.record_create(id, CreateStatus::MayHaveWritten);
            }
            if matches!(predecessor, Predecessor::Absent { .. }) && !failure.removed.is_empty() {
                call.warnings.push(may_have_overwritten(id, &failure.removed));
            }
            let state = predecessor.state_after(&failure, planned).map(Box::new);
            Err(OperationFailure { diagnostics: failure.diagnostics, state })
        }
    }
}

async fn write(
    locks: &PolicyLocks,
    call: &mut ResourceCall<'_, Session>,
    planned: &AssignmentModel,
    predecessor: &Predecessor,
) -> Result<Written, WriteFailure> {
    let stop = &mut call.stop;
    let context = OperationContext::new(call.session, Operation::Create, &planned.timeouts, stop);
    let policy = context.policy(planned);
    let records = policy.records();
    let prepare = async {
        let lock = acquire_lock(locks, policy, stop).await?;
        if matches!(predecessor, Predecessor::Absent { .. })
            && records.policies.create_status(policy.id) >= CreateStatus::MayHaveWritten
        {
            return Err(created_twice(policy).into());
        }
        records.policies.record_create(policy.id, CreateStatus::Started);
        let added = added_groups(&planned.assignments, predecessor.prior_assignments());
        Ok((lock, policy.read_assignable(&added, context.deadline, stop).await?))
    };
    let prepared = context.within_deadline(policy, prepare).await;
    let (_lock, live_read) = prepared.map_err(WriteFailure::nothing_written)?;
    let write = PlannedWrite {
        policy,
        planned: &planned.assignments,
        may_replace: predecessor.may_replace(),
        operation: Operation::Create,
    };
    write.run(live_read, context.deadline, stop).await
}

/// The state after a failure if the live assignments could not be read: the planned assignments, without Graph's ids.
fn as_planned(planned: AssignmentModel) -> AssignmentModel {
    AssignmentModel {
        assignment_ids: Some(AssignmentIds::new()),
        inherited_assignments: Some(Vec::new()),
        ..planned
    }
}

fn is_subset(assignments: &[Assignment], planned: &[Assignment]) -> bool {
    let planned: BTreeSet<_> = canonical(planned);
    canonical(assignments).is_subset(&planned)
}
