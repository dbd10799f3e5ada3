//! The context of a read: the session, a client, a deadline that the client respects, look-ups in shared lists, and the
//! diagnostics for failures.

use std::future::Future;
use std::time::Duration;

use tokio::time::Instant;

use crate::graph;
use crate::resources::deadline::{Deadline, DisplayDuration};
use crate::resources::graph_operation::capitalize;
use crate::resources::report::{self, GraphOperation};
use crate::resources::session::Session;
use crate::resources::shared_list::{Elements, ListLookup, SharedList};
use crate::terraform::data_source::DataSourceCall;
use crate::terraform::diagnostic::{Diagnostic, Diagnostics};
use crate::terraform::duration;
use crate::terraform::value::Value;

use super::attributes::{READ, TIMEOUTS};
use super::values::configured;

/// The default of `timeouts.read`.
const DEFAULT_TIMEOUT: Duration = Duration::from_mins(5);

/// The least permission for everything in Intune that data sources read.
pub(super) const INTUNE_PERMISSION: &str = "DeviceManagementConfiguration.Read.All";

/// The least permission for groups.
pub(super) const GROUP_PERMISSION: &str = "GroupMember.Read.All";

/// The context of one read.
pub(super) struct ReadContext<'a> {
    pub(super) session: &'a Session,
    /// The session's client with the retry budget of the read.
    pub(super) client: graph::Client,
    deadline: Deadline<'a>,
    began: Instant,
}

/// The object of a read and the permission that the read needs, for messages.
#[derive(Debug, Clone, Copy)]
pub(super) struct Subject<'a> {
    /// The object: `group 0b8a…`.
    pub(super) object: &'a str,
    /// The least permission.
    pub(super) permission: &'a str,
}

impl<'a> ReadContext<'a> {
    /// The context of a read that starts now.
    pub(super) fn new(call: &DataSourceCall<'a, Session>, config: &Value) -> Self {
        let limit = config.attribute(TIMEOUTS).and_then(|timeouts| configured(timeouts, READ));
        let limit = limit.and_then(|text| duration::parse(text).ok()).unwrap_or(DEFAULT_TIMEOUT);
        let deadline = call.session.deadline(limit);
        Self {
            session: call.session,
            client: call.session.graph.for_operation(deadline.retry_budget(&call.stop)),
            deadline,
            began: call.session.graph.clock().now(),
        }
    }

    /// Runs the read until the deadline.
    pub(super) async fn within_deadline<T>(
        &self,
        subject: Subject<'_>,
        read: impl Future<Output = Result<T, Diagnostics>>,
    ) -> Result<T, Diagnostics> {
        let result = self.deadline.within(Box::pin(read)).await;
        result.unwrap_or_else(|| Err(self.timed_out(subject).into()))
    }

    /// The elements of a shared list. The list may be older than this read.
    pub(super) async fn list<T>(
        &self,
        list: &SharedList<T>,
        fetch: impl Future<Output = Result<Vec<T>, graph::Error>>,
    ) -> Result<Elements<T>, graph::Error> {
        list.get(self.lookup(), fetch).await
    }

    /// The elements of a shared list. The list was requested after this read began.
    pub(super) async fn newer_list<T>(
        &self,
        list: &SharedList<T>,
        fetch: impl Future<Output = Result<Vec<T>, graph::Error>>,
    ) -> Result<Elements<T>, graph::Error> {
        list.get(ListLookup { must_be_newer: true, ..self.lookup() }, fetch).await
    }

    /// The diagnostic for a failed request. If the session has already reported the same cause, the diagnostic only
    /// refers to the earlier one.
    pub(super) fn request_failed(&self, subject: Subject<'_>, error: &graph::Error) -> Diagnostics {
        let operation = GraphOperation {
            object: subject.object,
            action: "reading it",
            permission: subject.permission,
            outcome: "",
        };
        let diagnostic = report::graph_error(operation, error);
        let Some(cause) = shared_cause(subject, error) else { return diagnostic.into() };
        match self.session.reported.record(&cause, &diagnostic.summary) {
            None => diagnostic.into(),
            Some(earlier) => Diagnostic::error(
                format!("{} was not read", capitalize(subject.object)),
                format!("See the diagnostic {earlier:?} of this run."),
            )
            .into(),
        }
    }

    fn timed_out(&self, subject: Subject<'_>) -> Diagnostic {
        Diagnostic::error(
            format!("{}: the read took too long", capitalize(subject.object)),
            format!(
                "The read timed out after {}. Nothing was changed.\nNext: if the service is slow, raise the time-out \
                 read in the timeouts block of the data source.",
                DisplayDuration(self.deadline.limit())
            ),
        )
    }

    fn lookup(&self) -> ListLookup<'_> {
        self.session.list_lookup(self.began)
    }
}

/// The cause of an error, if other reads of this run will fail for the same reason.
fn shared_cause(subject: Subject<'_>, error: &graph::Error) -> Option<String> {
    match error {
        _ if error.is_unauthorized() => Some("token".to_owned()),
        _ if error.is_forbidden() => Some(format!("permission {}", subject.permission)),
        graph::Error::NotReached { .. } => Some("connection".to_owned()),
        _ => None,
    }
}
