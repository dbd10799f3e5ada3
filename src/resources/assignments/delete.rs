//! Destroys the resource: removes all assignments of the policy. In a replacement for the same policy, the delete sends
//! nothing, because the create replaces the assignments.

use tokio::sync::OwnedMutexGuard;

use super::session_records::policy_records::{CreateStatus, ReplacementWrite};
use crate::graph::{GroupId, PolicyId};
use crate::resources::deadline::Deadline;
use crate::resources::session::Session;
use crate::resources::timeouts::Operation;
use crate::terraform::diagnostic::Diagnostics;
use crate::terraform::resource::{OperationFailure, ResourceCall};
use crate::terraform::stop::StopSignal;

use super::guard::{self, MayReplace};
use super::live_read::LiveRead;
use super::messages::{new_object_failed, now_managed_by_new_object, old_policy_kept, stays_assigned};
use super::model::AssignmentModel;
use super::new_state::failure_with_state;
use super::operation_context::OperationContext;
use super::planned_private::{PlannedCreate, PlannedPrivate};
use super::planned_write::PlannedWrite;
use super::policy::Policy;
use super::policy_locks::{PolicyLocks, acquire_lock};
use super::refusal;

/// The create of the replacement to which the delete belongs.
enum Successor {
    /// No create: the resource is only destroyed.
    None,
    /// A create for the same policy.
    SamePolicy,
    /// A create for another policy.
    OtherPolicy(PlannedCreate),
    /// A create for a policy whose id was unknown in the plan. Only the create can check the policy.
    UnknownPolicy,
}

impl Successor {
    fn from_private(planned_private: &[u8], id: &str) -> Self {
        let Some(create) = PlannedPrivate::from_bytes(planned_private).creates else { return Self::None };
        match create.policy_id.as_deref() {
            Some(next) if PolicyId::is_same(next, id) => Self::SamePolicy,
            Some(_) => Self::OtherPolicy(create),
            None => Self::UnknownPolicy,
        }
    }
}

/// Destroys the resource.
pub(super) async fn delete(
    locks: &PolicyLocks,
    call: &mut ResourceCall<'_, Session>,
    prior: AssignmentModel,
) -> Result<(), OperationFailure<AssignmentModel>> {
    let session = call.session;
    let id = prior.policy_id.as_str();
    let successor = Successor::from_private(call.planned_private, id);
    if matches!(successor, Successor::SamePolicy) {
        store_for_create(session, &prior);
        return Ok(());
    }
    if prior.skip_destroy == Some(true) {
        call.warnings.push(stays_assigned(id));
        return Ok(());
    }
    remove_assignments(locks, call, &prior, &successor).await
}

/// Stores the old object of a replacement for the same policy, so that the create can replace its assignments. If the
/// create came first, it has already replaced them, and nothing is stored.
fn store_for_create(session: &Session, prior: &AssignmentModel) {
    let id = &prior.policy_id;
    let records = session.assignments.collection(prior.kind.collection);
    if records.policies.create_status(id) < CreateStatus::Succeeded {
        records.policies.store_replaced_object(id, prior.to_value());
    }
}

async fn remove_assignments(
    locks: &PolicyLocks,
    call: &mut ResourceCall<'_, Session>,
    prior: &AssignmentModel,
    successor: &Successor,
) -> Result<(), OperationFailure<AssignmentModel>> {
    let context = OperationContext::new(call.session, Operation::Delete, &prior.timeouts, &call.stop);
    let policy = context.policy(prior);
    let preparation = prepare(locks, call, policy, successor, context.deadline);
    let prepared = context.within_deadline(policy, preparation).await?;
    let Some((_lock, live_read)) = prepared else { return Ok(()) };
    let may_replace = MayReplace::Only(&prior.assignments);
    let write = PlannedWrite { policy, planned: &[], may_replace, operation: Operation::Delete };
    match write.run(live_read, context.deadline, &mut call.stop).await {
        Ok(written) => {
            policy.records().policies.record_written_set(policy.id, written.rows.canonical_strings());
            if !written.removed.is_empty() {
                record_unassigned(policy, successor);
            }
            Ok(())
        }
        Err(failure) if failure.policy_is_gone => Ok(()),
        Err(failure) => Err(failure_with_state(failure, prior)),
    }
}

/// Records that the delete has removed assignments. If the create then fails, its message says so. Without this
/// record, the message would say that nothing was written.
fn record_unassigned(policy: Policy<'_>, successor: &Successor) {
    let records = policy.records();
    match successor {
        Successor::OtherPolicy(PlannedCreate { policy_id: Some(next), .. }) => {
            records
                .policies
                .record_replacement_write(next, ReplacementWrite::OldPolicyUnassigned(policy.id.to_owned()));
        }
        Successor::UnknownPolicy => records.policies.record_unassigned_for_unknown_policy(policy.id),
        _ => {}
    }
}

/// Returns the lock and a live read; `None` if there is nothing to send.
async fn prepare(
    locks: &PolicyLocks,
    call: &mut ResourceCall<'_, Session>,
    policy: Policy<'_>,
    successor: &Successor,
    deadline: Deadline<'_>,
) -> Result<Option<(OwnedMutexGuard<()>, LiveRead)>, Diagnostics> {
    let stop = &mut call.stop;
    if let Successor::OtherPolicy(next) = successor {
        check_successor(policy, next, deadline, stop).await?;
    }
    let lock = acquire_lock(locks, policy, stop).await?;
    match policy.records().policies.create_status(policy.id) {
        CreateStatus::Succeeded => {
            call.warnings.push(now_managed_by_new_object(policy.id));
            Ok(None)
        }
        CreateStatus::Started | CreateStatus::MayHaveWritten => Err(new_object_failed(policy.id).into()),
        CreateStatus::None => Ok(policy.read_live_if_exists().await?.map(|live_read| (lock, live_read))),
    }
}

/// Makes the checks of the create for the new policy before anything is removed from the old policy.
async fn check_successor(
    old: Policy<'_>,
    next: &PlannedCreate,
    deadline: Deadline<'_>,
    stop: &mut StopSignal,
) -> Result<(), Diagnostics> {
    let Some(id) = next.policy_id.as_deref() else { return Ok(()) };
    let records = old.records();
    if records.policies.create_status(id) == CreateStatus::Succeeded {
        records.policies.record_replacement_write(old.id, ReplacementWrite::NewPolicyAssigned(id.to_owned()));
        return Ok(());
    }
    let policy = Policy { id, ..old };
    let add_old_policy = |diagnostics| old_policy_kept(old.id, diagnostics);
    let group_ids: Vec<GroupId> = next.group_ids.iter().map(|id| GroupId::new(id)).collect();
    let live_read = policy.read_assignable(&group_ids, deadline, stop).await.map_err(add_old_policy)?;
    match guard::check_create(next.overwrite_existing, next.assignments.as_deref(), &live_read.rows) {
        Err(refusal) => Err(add_old_policy(refusal::report(refusal, policy).await)),
        Ok(()) => Ok(()),
    }
}
