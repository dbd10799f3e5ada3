//! How long the retries of a request may take, and how the caller cancels them. Does not limit a single HTTP exchange:
//! `http_sender` does.

use std::fmt;
use std::future::{self, Future};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::clock;

/// A future that completes when the caller cancels.
type Cancellation = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The time in which requests may be retried. Cheap to clone.
#[derive(Clone)]
pub struct RetryBudget {
    expiry: Expiry,
    /// A shorter limit for the retries of transient failures. Throttling does not count as a failure.
    failure_limit: Option<Duration>,
    cancellation: Option<Arc<dyn Fn() -> Cancellation + Send + Sync>>,
}

#[derive(Debug, Clone, Copy)]
enum Expiry {
    At(Instant),
    PerRequest(Duration),
}

impl RetryBudget {
    /// One budget for all requests together. It ends at `deadline`.
    pub fn until(deadline: Instant) -> Self {
        Self::new(Expiry::At(deadline))
    }

    /// A budget of `duration` for each request.
    pub fn per_request(duration: Duration) -> Self {
        Self::new(Expiry::PerRequest(duration))
    }

    /// No retries: every request is sent once.
    pub fn none() -> Self {
        Self::per_request(Duration::ZERO)
    }

    /// Cancels waits: each wait calls `cancellation` and ends early when the returned future completes.
    #[must_use]
    pub fn cancelled_by<F>(self, cancellation: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        Self { cancellation: Some(Arc::new(move || Box::pin(cancellation()))), ..self }
    }

    /// Limits the retries of transient failures to `limit`. Throttled requests may use the whole budget.
    #[must_use]
    pub fn with_failure_limit(self, limit: Duration) -> Self {
        Self { failure_limit: Some(limit), ..self }
    }

    /// How long transient failures are retried: the failure limit, but at most `maximum`.
    pub(super) fn failure_limit(&self, maximum: Duration) -> Duration {
        self.failure_limit.map_or(maximum, |limit| limit.min(maximum))
    }

    /// The time at which the budget ends for a request that starts `now`.
    pub(super) fn deadline(&self, now: Instant) -> Instant {
        match self.expiry {
            Expiry::At(deadline) => deadline,
            Expiry::PerRequest(duration) => clock::add(now, duration),
        }
    }

    /// Completes when the caller cancels; never completes if the budget has no cancellation.
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
