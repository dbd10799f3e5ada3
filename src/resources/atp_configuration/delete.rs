//! Deletes a policy, unless it still has direct assignments that nothing in this run has removed.

use std::time::Duration;

use crate::graph;
use crate::graph::retry::ThrottlingBucket;
use crate::graph::types::Assignment;
use crate::resources::session::Session;
use crate::resources::timeouts::Operation;
use crate::terraform::diagnostic::{Diagnostic, Diagnostics, list};
use crate::terraform::resource::{OperationFailure, ResourceCall};
use crate::terraform::stop::StopSignal;
use crate::transport::Backoff;

use super::context::{Attempted, Context, READ, UNCHANGED, WRITE, failed};
use super::model::ConfigurationModel;

/// How long a removal of assignments by this run may take to be visible.
const STALE_READ_TIMEOUT: Duration = Duration::from_secs(30);

/// Deletes the policy. Succeeds if it does not exist.
pub(super) async fn delete(
    call: &mut ResourceCall<'_, Session>,
    prior: ConfigurationModel,
) -> Result<(), OperationFailure<ConfigurationModel>> {
    let context = Context::new(call, Operation::Delete, &prior.timeouts);
    let id = prior.id.clone().unwrap_or_default();
    let object = format!("policy {id}");
    let check = refuse_assigned(&context, &id, prior.force_destroy == Some(true), &mut call.stop);
    if !context.within_deadline(&object, check).await? {
        return Ok(());
    }
    let sent = send(&context, &id).await;
    context.session.record_write();
    match sent {
        Ok(()) => Ok(()),
        Err(error) if error.is_resource_not_found() => Ok(()),
        Err(error) => {
            let outcome = if error.may_have_taken_effect() {
                "The policy may have been deleted; the next plan shows it."
            } else {
                "The policy is still there."
            };
            let attempted = Attempted { object: &object, action: "deleting it", permission: WRITE, outcome };
            Err(failed(attempted, &error).into())
        }
    }
}

async fn send(context: &Context<'_>, id: &str) -> Result<(), graph::Error> {
    let mut attempts = context.client.retry_loop(ThrottlingBucket::IntuneWrites);
    loop {
        if attempts.attempt(context.client.delete_device_configuration(id)).await?.is_some() {
            return Ok(());
        }
    }
}

/// Whether there is a policy to delete. It is the last read before the request.
///
/// # Errors
/// The policy has direct assignments, or could not be read.
async fn refuse_assigned(
    context: &Context<'_>,
    id: &str,
    is_forced: bool,
    stop: &mut StopSignal,
) -> Result<bool, Diagnostics> {
    let Some(policy) = context.read(id).await? else { return Ok(false) };
    let deadline = context.deadline.at_most(STALE_READ_TIMEOUT);
    let mut delays = Backoff::new(Duration::from_millis(500), Duration::from_secs(4)).delays();
    loop {
        let direct = direct_assignments(context, id).await?;
        if direct.is_empty() || is_forced {
            return Ok(true);
        }
        // Another resource of this run has emptied the policy, and the service does not show it yet.
        let was_emptied = context.session.has_emptied(id);
        if !was_emptied || deadline.wait(delays.next_delay(), stop).await.is_err() {
            return Err(still_assigned(id, policy.display_name.as_deref(), &direct).into());
        }
    }
}

async fn direct_assignments(context: &Context<'_>, id: &str) -> Result<Vec<Assignment>, Diagnostics> {
    let policies = context.client.policies(graph::PolicyCollection::DeviceConfigurations);
    let object = format!("policy {id}");
    let attempted = Attempted {
        object: &object,
        action: "reading its assignments",
        permission: READ,
        outcome: UNCHANGED,
    };
    let mut rows =
        policies.list_assignments_unbatched(id).await.map_err(|error| failed(attempted, &error))?;
    rows.retain(|row| row.is_direct() && !row.is_removal());
    Ok(rows)
}

fn still_assigned(id: &str, name: Option<&str>, direct: &[Assignment]) -> Diagnostic {
    let targets = direct.iter().map(|row| {
        let target = &row.target;
        let id = target.group_id.as_deref().or(target.collection_id.as_deref()).unwrap_or_default();
        format!("{} {id}", target.type_name()).trim_end().to_owned()
    });
    Diagnostic::error(
        format!("Policy {id} is still assigned"),
        format!(
            "Deleting the policy ({}) would take its direct assignments along:\n{}Next: remove the assignments first, for \
             example by destroying their defender_atp_assignment in the same run, or set force_destroy = true and apply that \
             before the destroy. The policy is still there.",
            name.map_or_else(|| "no name".to_owned(), |name| format!("{name:?}")),
            list(targets)
        ),
    )
}
