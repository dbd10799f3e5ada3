//! How long a caller is willing to wait, and how it cancels the wait. Does not bound a request in progress: its sender
//! does.

use std::fmt;
use std::future::{self, Future};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::clock;

/// Completes when the caller cancels; otherwise never.
type Cancellation = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The time in which requests may be retried. Cheap to clone.
#[derive(Clone)]
pub struct RetryBudget {
    expiry: Expiry,
    /// A shorter limit for transient failures. Throttling is not a failure.
    failure_limit: Option<Duration>,
    cancellation: Option<Arc<dyn Fn() -> Cancellation + Send + Sync>>,
}

#[derive(Debug, Clone, Copy)]
enum Expiry {
    At(Instant),
    PerRequest(Duration),
}

impl RetryBudget {
    /// Ends at a moment, for all requests together.
    pub fn until(moment: Instant) -> Self {
        Self::new(Expiry::At(moment))
    }

    /// Gives each request this long.
    pub fn per_request(duration: Duration) -> Self {
        Self::new(Expiry::PerRequest(duration))
    }

    /// No retries: every request is sent once.
    pub fn none() -> Self {
        Self::per_request(Duration::ZERO)
    }

    /// Also ends when a future of `cancellation` completes. It is called once for each wait.
    #[must_use]
    pub fn cancelled_by<F>(self, cancellation: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        Self { cancellation: Some(Arc::new(move || Box::pin(cancellation()))), ..self }
    }

    /// Retries transient failures for no longer than `limit`. Throttling keeps the whole budget.
    #[must_use]
    pub fn with_failure_limit(self, limit: Duration) -> Self {
        Self { failure_limit: Some(limit), ..self }
    }

    /// How long transient failures are retried: the failure limit, but at most `longest`.
    pub(super) fn failure_limit(&self, longest: Duration) -> Duration {
        self.failure_limit.map_or(longest, |limit| limit.min(longest))
    }

    /// When the budget of a request that starts `now` is spent.
    pub(super) fn deadline(&self, now: Instant) -> Instant {
        match self.expiry {
            Expiry::At(moment) => moment,
            Expiry::PerRequest(duration) => clock::add(now, duration),
        }
    }

    pub(super) async fn cancelled(&self) {
        match &self.cancellation {
            Some(cancellation) => cancellation().await,
            None => future::pending().await,
        }
    }

    fn new(expiry: Expiry) -> Self {
        Self { expiry, failure_limit: None, cancellation: None }
    }
}

/// One minute for each request.
impl Default for RetryBudget {
    fn default() -> Self {
        Self::per_request(Duration::from_mins(1))
    }
}

impl fmt::Debug for RetryBudget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RetryBudget").field("expiry", &self.expiry).finish_non_exhaustive()
    }
}
