//! Updates the resource: replaces the set of assignments that the plan saw with the planned set.

use crate::resources::session::Session;
use crate::resources::timeouts::Operation;
use crate::terraform::resource::{OperationFailure, ResourceCall};

use super::guard::MayReplace;
use super::model::{AssignmentModel, added_groups};
use super::new_state::{applied_state, failure_with_state};
use super::operation_context::OperationContext;
use super::planned_write::PlannedWrite;
use super::policy_locks::{PolicyLocks, acquire_lock};
use super::session_records::policy_records::CreateStatus;

/// Updates the resource to the planned state.
pub(super) async fn update(
    locks: &PolicyLocks,
    call: &mut ResourceCall<'_, Session>,
    prior: AssignmentModel,
    planned: AssignmentModel,
) -> Result<AssignmentModel, OperationFailure<AssignmentModel>> {
    let stop = &mut call.stop;
    let context = OperationContext::new(call.session, Operation::Update, &planned.timeouts, stop);
    let policy = context.policy(&planned);
    let prepare = async {
        let lock = acquire_lock(locks, policy, stop).await?;
        let added = added_groups(&planned.assignments, &prior.assignments);
        policy.wait_for_groups(&added, context.deadline, stop).await?;
        Ok((lock, policy.read_live().await?))
    };
    let (_lock, live_read) = context.within_deadline(policy, prepare).await?;
    let may_replace = MayReplace::Only(&prior.assignments);
    let write =
        PlannedWrite { policy, planned: &planned.assignments, may_replace, operation: Operation::Update };
    let written = write
        .run(live_read, context.deadline, stop)
        .await
        .map_err(|failure| failure_with_state(failure, &prior))?;
    let records = policy.records();
    // Another Terraform object, for example a deposed one, may manage the same policy. Its destroy in this run must not
    // remove what this update wrote, so the update is recorded like a create.
    records.policies.record_create(policy.id, CreateStatus::Succeeded);
    records.policies.record_written_set(policy.id, written.rows.canonical_strings());
    Ok(applied_state(planned, &written.rows))
}
