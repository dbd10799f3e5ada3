//! What every operation needs: a deadline, a client that respects it, and a diagnostic for a time-out.

use std::future::Future;

use crate::graph;
use crate::resources::deadline::Deadline;
use crate::resources::session::Session;
use crate::resources::timeouts::{Operation, Timeouts};
use crate::terraform::diagnostic::Diagnostics;
use crate::terraform::stop::StopSignal;

use super::messages::timed_out;
use super::model::AssignmentModel;
use super::policy::Policy;

/// The context of one operation.
pub(super) struct OperationContext<'a> {
    pub(super) session: &'a Session,
    pub(super) deadline: Deadline<'a>,
    operation: Operation,
    client: graph::Client,
}

impl<'a> OperationContext<'a> {
    /// The context of an operation that starts now.
    pub(super) fn new(
        session: &'a Session,
        operation: Operation,
        timeouts: &Timeouts,
        stop: &StopSignal,
    ) -> Self {
        let deadline = session.deadline(timeouts.limit(operation));
        let client = session.graph.for_operation(deadline.retry_budget(stop));
        Self { session, deadline, operation, client }
    }

    /// The policy of the operation.
    pub(super) fn policy<'b>(&'b self, model: &'b AssignmentModel) -> Policy<'b> {
        let AssignmentModel { kind, policy_id, .. } = model;
        Policy { session: self.session, client: &self.client, kind, id: policy_id }
    }

    /// Runs work that writes nothing. Cancels it at the deadline.
    ///
    /// # Errors
    /// The work failed or did not finish in time.
    pub(super) async fn within_deadline<T>(
        &self,
        policy: Policy<'_>,
        work: impl Future<Output = Result<T, Diagnostics>>,
    ) -> Result<T, Diagnostics> {
        // Boxed, because the work of some operations makes a large future.
        let result = self.deadline.within(Box::pin(work)).await;
        result.unwrap_or_else(|| Err(timed_out(self.operation, self.deadline, policy)))
    }
}
