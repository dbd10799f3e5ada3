//! The context of an operation: the session, a client, a deadline that the client respects, and the diagnostics for
//! failures.

use std::future::Future;

use crate::graph;
use crate::graph::types::{AtpConfiguration, DeviceConfiguration};
use crate::resources::deadline::{Deadline, DisplayDuration};
use crate::resources::graph_operation::capitalize;
use crate::resources::report::{self, GraphOperation};
use crate::resources::session::Session;
use crate::resources::timeouts::{Operation, Timeouts};
use crate::terraform::diagnostic::{Diagnostic, Diagnostics};
use crate::terraform::resource::ResourceCall;

use super::messages::wrong_type;

/// The least permission for reading policies.
pub(super) const READ_PERMISSION: &str = "DeviceManagementConfiguration.Read.All";

/// The least permission for changing policies.
pub(super) const WRITE_PERMISSION: &str = "DeviceManagementConfiguration.ReadWrite.All";

/// The outcome of an operation that has changed nothing, for messages.
pub(super) const NOTHING_CHANGED: &str = "Nothing was changed.";

/// The context of one operation.
pub(super) struct Context<'a> {
    pub(super) session: &'a Session,
    /// The session's client with the retry budget of the operation.
    pub(super) client: graph::Client,
    pub(super) deadline: Deadline<'a>,
}

/// A step of an operation, for the message if its request fails.
#[derive(Debug, Clone, Copy)]
pub(super) struct AttemptedStep<'a> {
    /// The object of the step: `policy "MDE onboarding"`.
    pub(super) object: &'a str,
    /// Completes "while" in the message: `creating it`.
    pub(super) action: &'a str,
    /// The least permission that the request needs.
    pub(super) permission: &'a str,
    /// The effect of the failure: `No policy was created.`
    pub(super) outcome: &'a str,
}

impl<'a> Context<'a> {
    /// The context of an operation that starts now.
    pub(super) fn new(call: &ResourceCall<'a, Session>, operation: Operation, timeouts: &Timeouts) -> Self {
        let deadline = call.session.deadline(timeouts.limit(operation));
        let client = call.session.graph.for_operation(deadline.retry_budget(&call.stop));
        Self { session: call.session, client, deadline }
    }

    /// Runs `work` and stops it at the deadline. `work` must not send writes, because a write that is stopped may have
    /// taken effect.
    pub(super) async fn within_deadline<T>(
        &self,
        object: &str,
        work: impl Future<Output = Result<T, Diagnostics>>,
    ) -> Result<T, Diagnostics> {
        let result = self.deadline.within(Box::pin(work)).await;
        result.unwrap_or_else(|| Err(self.timed_out(object).into()))
    }

    /// Reads the policy with this id; `None` if it does not exist.
    ///
    /// # Errors
    /// The request failed, or the policy is of another type.
    pub(super) async fn read(&self, id: &str) -> Result<Option<AtpConfiguration>, Diagnostics> {
        let object = format!("policy {id}");
        let step = AttemptedStep {
            object: &object,
            action: "reading it",
            permission: READ_PERMISSION,
            outcome: "The state is unchanged.",
        };
        match self.client.get_device_configuration(id).await {
            Ok(DeviceConfiguration::Atp(policy)) => Ok(Some(*policy)),
            Ok(DeviceConfiguration::Other { type_name }) => Err(wrong_type(id, type_name.as_deref()).into()),
            Err(error) if error.is_resource_not_found() => Ok(None),
            Err(error) => Err(request_failed(step, &error)),
        }
    }

    fn timed_out(&self, object: &str) -> Diagnostic {
        Diagnostic::error(
            format!("{}: the operation took too long", capitalize(object)),
            format!(
                "The operation timed out after {}. Run terraform plan to see the current policy.\nNext: if the \
                 service is slow, raise the time-out in the timeouts block of the resource.",
                DisplayDuration(self.deadline.limit())
            ),
        )
    }
}

/// The diagnostic for a failed request.
pub(super) fn request_failed(step: AttemptedStep<'_>, error: &graph::Error) -> Diagnostics {
    let AttemptedStep { object, action, permission, outcome } = step;
    report::graph_error(GraphOperation { object, action, permission, outcome }, error).into()
}
