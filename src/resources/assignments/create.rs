//! Creates the resource. The policy must have no direct assignments, unless `overwrite_existing` is set or the create
//! is half of a replacement for the same policy. Such a replacement is sent as one update, and the create sends it.

use std::collections::BTreeSet;

use super::session_records::policy_records::CreateStatus;
use crate::resources::session::Session;
use crate::resources::timeouts::Operation;
use crate::terraform::resource::{OperationFailure, ResourceCall};

use super::from_graph::{Rows, canonical};
use super::guard::MayReplace;
use super::messages::{created_twice, has_overwritten, may_have_overwritten};
use super::model::{Assignment, AssignmentIds, AssignmentModel, added_groups};
use super::new_state::applied;
use super::operation_context::OperationContext;
use super::planned_private::PlannedPrivate;
use super::planned_write::PlannedWrite;
use super::policy_locks::{PolicyLocks, acquire_lock};
use super::write::Written;
use super::write_failure::WriteFailure;

/// What a create replaces. `create_before_destroy` decides which half of a replacement comes first.
enum Origin {
    /// A policy that no object in the state manages.
    New { overwrites: bool },
    /// The old object of a replacement for the same policy. Terraform has already destroyed it.
    DestroyedFirst(AssignmentModel),
    /// The assignments from which the replacement for the same policy was planned. The old object is still in the
    /// state.
    CreatedFirst(Vec<Assignment>),
}

impl Origin {
    /// If the delete came first, it has stored the old object in the session. If the create comes first, the private
    /// data of the plan has the assignments of the old object. Terraform before 1.16 does not send that data, so the
    /// create then looks like any other create.
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
            // The refresh may belong to another object for the policy, whose assignments this plan does not show.
            Some(seen) if seen.is_from_refresh && !is_subset(&seen.assignments, &planned.assignments) => {
                Self::new_object(planned)
            }
            // The id was unknown in the plan, and the delete came first, so it has removed all assignments.
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

    fn prior_assignments(&self) -> &[Assignment] {
        match self {
            Self::New { .. } => &[],
            Self::DestroyedFirst(old) => &old.assignments,
            Self::CreatedFirst(seen) => seen,
        }
    }

    /// Returns the state after a failure. It has the live assignments if no other object in the state can have them. If
    /// the create comes first, the old object has them, and Terraform keeps it if the new one is null.
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
            (_, None) => Some(as_planned(planned)),
        }
    }
}

/// Creates the resource.
///
/// # Errors
/// A failure returns a state if assignments may exist that no other object in the state has: after a write that may
/// have taken effect, and in a replacement for the same policy whose old object is destroyed already.
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
        let added = added_groups(&planned.assignments, origin.prior_assignments());
        Ok((lock, policy.read_assignable(&added, context.deadline, stop).await?))
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

/// The state after a failure if the assignments could not be read: the planned ones, without Graph's ids.
fn as_planned(planned: AssignmentModel) -> AssignmentModel {
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
