//! Deletes a policy. Intune deletes the direct assignments of a policy along with the policy, so the provider first
//! checks that all of them may be deleted. If anything delays the DELETE request after the check, the provider checks
//! again, because assignments may have been added in the meantime.
//!
//! The permit is the rate limiter's permission to send a request (`graph/retry`).
//!
//! ```text
//! permit ──> token ──> policy ──> assignments ──> DELETE
//!   ^          ^                       |             |
//!   |          └─ a read was delayed ──┘             |
//!   └──────── DELETE failed, or its token was refused┘
//! ```

use std::collections::BTreeSet;
use std::time::Duration;

use crate::graph;
use crate::graph::HeldToken;
use crate::graph::retry::ThrottlingBucket;
use crate::resources::session::Session;
use crate::resources::timeouts::Operation;
use crate::terraform::diagnostic::{Diagnostic, Diagnostics, list};
use crate::terraform::resource::{OperationFailure, ResourceCall};
use crate::terraform::stop::StopSignal;
use crate::transport::Backoff;

use super::context::{AttemptedStep, Context, NOTHING_CHANGED, WRITE_PERMISSION, request_failed};
use super::direct_assignments;
use super::messages::interrupted;
use super::model::ConfigurationModel;
use super::plan_destroy::DeletableAssignments;

/// The longest wait for reads to show that another resource of this run has removed the assignments.
const STALE_READ_TIMEOUT: Duration = Duration::from_secs(30);

/// Deletes the policy. Succeeds if it does not exist.
pub(super) async fn delete(
    call: &mut ResourceCall<'_, Session>,
    prior: ConfigurationModel,
) -> Result<(), OperationFailure<ConfigurationModel>> {
    let context = Context::new(call, Operation::Delete, &prior.timeouts);
    let id = prior.id.as_deref().unwrap_or_default();
    let object = format!("policy {id}");
    let deletable = DeletableAssignments::from_plan(&prior, call.planned_private);
    let deletion = Deletion { context: &context, id, object: &object, deletable: &deletable };
    Ok(deletion.run(&mut call.stop).await?)
}

/// One deletion.
#[derive(Clone, Copy)]
struct Deletion<'a> {
    context: &'a Context<'a>,
    id: &'a str,
    /// The policy in messages: `policy 0b8a…`.
    object: &'a str,
    deletable: &'a DeletableAssignments,
}

impl Deletion<'_> {
    async fn run(self, stop: &mut StopSignal) -> Result<(), Diagnostics> {
        let client = &self.context.client;
        let mut attempts = client.retry_loop(ThrottlingBucket::IntuneWrites);
        let mut token_was_replaced = false;
        loop {
            let permit = attempts.acquire_permit().await.map_err(|error| self.request_failed(&error))?;
            let checked = self.context.within_deadline(self.object, self.check(stop)).await?;
            let Some(token) = checked else { return Ok(()) };
            let deleted = client.delete_device_configuration(&token, self.id).await;
            self.context.session.record_write();
            match deleted {
                Ok(()) => {
                    attempts.record_success(permit);
                    return Ok(());
                }
                Err(error) if error.is_resource_not_found() => return Ok(()),
                Err(error) if error.is_unauthorized() && !token_was_replaced => {
                    token_was_replaced = true;
                    let replaced = client.replace_token(&token).await;
                    replaced
                        .map_err(|failure| self.request_failed(&failure))?
                        .ok_or_else(|| self.request_failed(&error))?;
                }
                Err(error) => {
                    if !attempts.record_failure(permit, &error) {
                        return Err(self.request_failed(&attempts.with_summary(error)));
                    }
                }
            }
        }
    }

    /// Checks, right before the DELETE request, that the policy may be deleted. Returns the token for the request, or
    /// `None` if the policy does not exist.
    ///
    /// # Errors
    /// The policy has direct assignments that must not be deleted, or the policy could not be read.
    async fn check(self, stop: &mut StopSignal) -> Result<Option<HeldToken>, Diagnostics> {
        let context = self.context;
        let deadline = context.deadline.at_most(STALE_READ_TIMEOUT);
        let mut delays = Backoff::new(Duration::from_millis(500), Duration::from_secs(4)).delays();
        loop {
            if stop.is_stopping() {
                return Err(interrupted("The deletion of the policy").into());
            }
            let token = context.client.acquire_token().await.map_err(|error| self.request_failed(&error))?;
            let interruptions = context.client.interruptions();
            let Some(policy) = context.read(self.id).await? else { return Ok(None) };
            let assignments = direct_assignments::list(context, self.id).await?;
            let protected = self.deletable.find_protected(assignments);
            if protected.is_empty() {
                if context.client.interruptions() == interruptions {
                    return Ok(Some(token));
                }
                // A pause, a retry or a refused token has interrupted the reads, so their results may be out of date.
                continue;
            }
            // If another resource of this run has removed the assignments, reads may still show them.
            let was_emptied = context.session.has_emptied(self.id);
            if !was_emptied || deadline.wait(delays.next_delay(), stop).await.is_err() {
                return Err(self.refusal(policy.display_name.as_deref(), &protected).into());
            }
        }
    }

    fn request_failed(self, error: &graph::Error) -> Diagnostics {
        let outcome = if error.may_have_taken_effect() {
            "The policy may have been deleted; the next plan shows it."
        } else {
            NOTHING_CHANGED
        };
        let action = "deleting it";
        let step = AttemptedStep { object: self.object, action, permission: WRITE_PERMISSION, outcome };
        request_failed(step, error)
    }

    /// The error for a policy with assignments that must not be deleted. With [`DeletableAssignments::All`] there are
    /// none.
    fn refusal(self, name: Option<&str>, protected: &BTreeSet<String>) -> Diagnostic {
        let id = self.id;
        let (summary, next) = match self.deletable {
            DeletableAssignments::None | DeletableAssignments::All => (
                format!("Policy {id} is still assigned"),
                "remove the assignments first, for example by destroying their defender_atp_assignment in the same \
                 run, or set force_destroy = true and apply this change before the destroy",
            ),
            DeletableAssignments::Listed(_) => (
                format!("Policy {id} has assignments that the plan did not list"),
                "run terraform plan again and review the plan: with force_destroy, the plan of a destroy lists the \
                 assignments that are deleted along with the policy. The plan of a replacement lists none, so remove \
                 the assignments before you replace the policy",
            ),
        };
        let name = name.map_or_else(|| "no name".to_owned(), |name| format!("{name:?}"));
        let protected = list(protected.iter().cloned());
        Diagnostic::error(
            summary,
            format!(
                "Deleting the policy ({name}) would also delete these direct assignments:\n{protected}Next: {next}. \
                 The policy was not deleted."
            ),
        )
    }
}
