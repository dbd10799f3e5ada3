//! Reads the assignments of a policy for the state.

use crate::resources::session::Session;
use crate::resources::timeouts::Operation;
use crate::terraform::diagnostic::Diagnostics;
use crate::terraform::resource::ResourceCall;

use super::bulk_list;
use super::messages::managed_twice;
use super::model::AssignmentModel;
use super::new_state::refreshed_state;
use super::operation_context::OperationContext;

/// Reads the assignments. Returns `None` if the policy no longer exists.
pub(super) async fn read(
    call: &mut ResourceCall<'_, Session>,
    current: AssignmentModel,
) -> Result<Option<AssignmentModel>, Diagnostics> {
    let context = OperationContext::new(call.session, Operation::Read, &current.timeouts, &call.stop);
    let policy = context.policy(&current);
    let read_model = async {
        let is_unchanged = bulk_list::is_unchanged(policy, &current).await;
        if is_unchanged.map_err(|error| policy.read_error("reading its assignments", &error))? {
            return Ok(Some(current.clone()));
        }
        // The rows are the assignments as Graph lists them. If the list is empty but the state is not, the policy may
        // have been deleted, so the policy itself is read, too.
        let expects_rows = current.has_assignments();
        let rows = policy.rows_if_policy_exists(expects_rows).await?;
        Ok(rows.map(|rows| refreshed_state(current.clone(), &rows)))
    };
    let refreshed = context.within_deadline(policy, read_model).await?;
    if let Some(model) = &refreshed {
        let was_read_before = policy.records().policies.record_read(policy.id, model.assignments_value());
        if was_read_before {
            call.warnings.push(managed_twice(policy.id));
        }
    }
    Ok(refreshed)
}
