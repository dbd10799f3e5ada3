//! How long a caller is willing to wait, and how it says that it is not any more. Does not wait for answers: a request
//! under way is its sender's business.

use std::fmt;
use std::future::{self, Future};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::clock::later;

/// Ends when a caller does not want to wait any more; never, if that does not happen.
type Cancelled = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The time that requests may be repeated in. Cheap to clone.
#[derive(Clone)]
pub struct Patience {
    until: Until,
    /// How long failures that may pass are repeated, if that is less. Being asked to wait is no failure.
    failures: Option<Duration>,
    cancelled: Option<Arc<dyn Fn() -> Cancelled + Send + Sync>>,
}

#[derive(Debug, Clone, Copy)]
enum Until {
    Moment(Instant),
    Each(Duration),
}

impl Patience {
    /// Until a moment, for all requests together.
    pub fn until(moment: Instant) -> Self {
        Self { until: Until::Moment(moment), failures: None, cancelled: None }
    }

    /// This long for each request.
    pub fn each(duration: Duration) -> Self {
        Self { until: Until::Each(duration), failures: None, cancelled: None }
    }

    /// Not at all: everything is sent once.
    pub fn none() -> Self {
        Self::each(Duration::ZERO)
    }

    /// Also ends when the future does that `cancelled` makes for each wait.
    #[must_use]
    pub fn unless<F>(self, cancelled: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        Self { cancelled: Some(Arc::new(move || Box::pin(cancelled()))), ..self }
    }

    /// Repeats a request that fails for no longer than `limit`, where nothing asks to wait.
    #[must_use]
    pub fn with_failures_for(self, limit: Duration) -> Self {
        Self { failures: Some(limit), ..self }
    }

    /// How long failures that may pass are repeated, at most `longest`.
    pub(super) fn failures(&self, longest: Duration) -> Duration {
        self.failures.map_or(longest, |limit| limit.min(longest))
    }

    /// When it ends for a request that begins now.
    pub(super) fn end(&self, now: Instant) -> Instant {
        match self.until {
            Until::Moment(moment) => moment,
            Until::Each(duration) => later(now, duration),
        }
    }

    pub(super) fn cancelled(&self) -> Cancelled {
        self.cancelled
            .as_ref()
            .map_or_else(|| Box::pin(future::pending()) as Cancelled, |cancelled| cancelled())
    }
}

/// A minute for each request: for callers that do not say more.
impl Default for Patience {
    fn default() -> Self {
        Self::each(Duration::from_mins(1))
    }
}

impl fmt::Debug for Patience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Patience").field("until", &self.until).finish_non_exhaustive()
    }
}
