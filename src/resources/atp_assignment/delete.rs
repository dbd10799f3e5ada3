//! Destroying the resource: emptying the policy, or a leg of a replacement, which may send nothing.

use tokio::sync::OwnedMutexGuard;

use crate::resources::deadline::Deadline;
use crate::resources::policy_records::{CreateStatus, OtherLeg};
use crate::resources::session::Session;
use crate::terraform::diagnostic::Diagnostics;
use crate::terraform::resource::{Model, OperationFailure, ResourceCall};
use crate::terraform::stop::StopSignal;

use super::guard::{self, MayReplace};
use super::messages::{failed_elsewhere, managed_elsewhere, old_policy_kept, stays_assigned, timed_out};
use super::model::{AtpAssignmentModel, Operation};
use super::new_state::state_after;
use super::planned_private::{PlannedCreate, PlannedPrivate};
use super::policy::{Look, Policy};
use super::policy_locks::{PolicyLocks, locked};
use super::refusal;
use super::wanted_write::Write;

/// What follows a delete.
enum Follows {
    /// Nothing: the resource goes.
    Nothing,
    /// A create for the same policy.
    SamePolicy,
    /// A create for another policy.
    OtherPolicy(PlannedCreate),
    /// A create for a policy that was not known when it was planned. Only the create can check it.
    UnknownPolicy,
}

impl Follows {
    fn of(planned_private: &[u8], id: &str) -> Self {
        let Some(create) = PlannedPrivate::from_bytes(planned_private).creates else { return Self::Nothing };
        match create.device_configuration_id.as_deref() {
            Some(next) if next.eq_ignore_ascii_case(id) => Self::SamePolicy,
            Some(_) => Self::OtherPolicy(create),
            None => Self::UnknownPolicy,
        }
    }
}

/// Destroys the resource.
pub(super) async fn delete(
    locks: &PolicyLocks,
    call: &mut ResourceCall<'_, Session>,
    prior: AtpAssignmentModel,
) -> Result<(), OperationFailure<AtpAssignmentModel>> {
    let session = call.session;
    let id = prior.device_configuration_id.as_str();
    let follows = Follows::of(call.planned_private, id);
    if matches!(follows, Follows::SamePolicy) {
        leave_to_create_leg(session, &prior);
        return Ok(());
    }
    if prior.skip_destroy == Some(true) {
        call.warnings.push(stays_assigned(id));
        return Ok(());
    }
    empty(locks, call, &prior, &follows).await
}

/// A replacement by the same policy is one update. Destroy first, the create leg makes it; create first, it is made.
fn leave_to_create_leg(session: &Session, prior: &AtpAssignmentModel) {
    let id = &prior.device_configuration_id;
    if session.policies.create_status(id) < CreateStatus::Succeeded {
        session.policies.hand_over(id, prior.to_value());
    }
}

async fn empty(
    locks: &PolicyLocks,
    call: &mut ResourceCall<'_, Session>,
    prior: &AtpAssignmentModel,
    follows: &Follows,
) -> Result<(), OperationFailure<AtpAssignmentModel>> {
    let session = call.session;
    let deadline = session.deadline(prior.timeouts.limit(Operation::Delete));
    let graph = session.graph.for_operation(deadline.retry_budget(&call.stop));
    let policy = Policy::new(session, &graph, &prior.device_configuration_id);
    let prepared = deadline.within(prepare(locks, call, policy, follows, deadline)).await;
    let prepared = prepared.unwrap_or_else(|| Err(timed_out(Operation::Delete, deadline, policy)))?;
    let Some((_lock, look)) = prepared else { return Ok(()) };
    let may_replace = MayReplace::Only(&prior.assignments);
    let write = Write { policy, wanted: &[], may_replace, operation: Operation::Delete };
    match write.run(look, deadline, &mut call.stop).await {
        Ok(written) => {
            session.policies.note_set(policy.id, written.rows.printed());
            if !written.removed.is_empty() {
                record_emptied(session, policy.id, follows);
            }
            Ok(())
        }
        Err(failure) if failure.policy_is_gone => Ok(()),
        Err(failure) => Err(state_after(failure, prior)),
    }
}

/// The messages of the create that follows must not say that nothing was written.
fn record_emptied(session: &Session, id: &str, follows: &Follows) {
    match follows {
        Follows::OtherPolicy(PlannedCreate { device_configuration_id: Some(next), .. }) => {
            session.policies.record_other_leg(next, OtherLeg::Emptied(id.to_owned()));
        }
        Follows::UnknownPolicy => session.policies.record_emptied_for_unknown(id),
        _ => {}
    }
}

/// The lock and a look; `None` if there is nothing to send.
async fn prepare(
    locks: &PolicyLocks,
    call: &mut ResourceCall<'_, Session>,
    policy: Policy<'_>,
    follows: &Follows,
    deadline: Deadline<'_>,
) -> Result<Option<(OwnedMutexGuard<()>, Look)>, Diagnostics> {
    let (session, stop) = (call.session, &mut call.stop);
    if let Follows::OtherPolicy(next) = follows {
        check_next(session, policy, next, deadline, stop).await?;
    }
    let lock = locked(locks, policy, stop).await?;
    match session.policies.create_status(policy.id) {
        CreateStatus::Succeeded => {
            call.warnings.push(managed_elsewhere(policy.id));
            Ok(None)
        }
        CreateStatus::Begun | CreateStatus::MayHaveWritten => Err(failed_elsewhere(policy.id).into()),
        CreateStatus::None => Ok(policy.look_if_it_exists().await?.map(|look| (lock, look))),
    }
}

/// Makes the checks of the create that follows, before anything is taken from the old policy.
async fn check_next(
    session: &Session,
    old: Policy<'_>,
    next: &PlannedCreate,
    deadline: Deadline<'_>,
    stop: &mut StopSignal,
) -> Result<(), Diagnostics> {
    let Some(id) = next.device_configuration_id.as_deref() else { return Ok(()) };
    if session.policies.create_status(id) == CreateStatus::Succeeded {
        session.policies.record_other_leg(old.id, OtherLeg::Assigned(id.to_owned()));
        return Ok(());
    }
    let policy = Policy::new(session, old.client, id);
    let kept = |found| old_policy_kept(old.id, found);
    let look = policy.find(&next.group_ids, deadline, stop).await.map_err(kept)?;
    match guard::new_object(next.overwrite_existing, next.assignments.as_deref(), &look.rows) {
        Err(refusal) => Err(kept(refusal::report(refusal, policy).await)),
        Ok(()) => Ok(()),
    }
}
