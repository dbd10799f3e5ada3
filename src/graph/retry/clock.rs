//! The clock and the randomness that retries and deadlines use. Tests can provide both.

use std::time::Duration;

use async_trait::async_trait;
use time::OffsetDateTime;
use tokio::time::Instant;

/// A source of time and randomness.
///
/// All pauses use it, so a test can provide a clock that skips them. Time limits on I/O are computed with this clock
/// but elapse in real time.
#[async_trait]
pub trait Clock: Send + Sync {
    /// The monotonic time.
    fn now(&self) -> Instant;
    /// The current date and time, in UTC.
    fn date(&self) -> OffsetDateTime;
    /// Waits until `deadline`.
    async fn sleep_until(&self, deadline: Instant);
    /// A random number from 0 to 1.
    fn random(&self) -> f64;
}

/// The clock of this machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

#[async_trait]
impl Clock for SystemClock {
    fn now(&self) -> Instant {
        Instant::now()
    }

    fn date(&self) -> OffsetDateTime {
        OffsetDateTime::now_utc()
    }

    async fn sleep_until(&self, deadline: Instant) {
        tokio::time::sleep_until(deadline).await;
    }

    fn random(&self) -> f64 {
        fastrand::f64()
    }
}

/// `start + duration`. The duration is limited to 30 years, because the sum could overflow.
pub(super) fn add(start: Instant, duration: Duration) -> Instant {
    // tokio uses the same duration for "never".
    const MAX_DURATION: Duration = Duration::from_hours(24 * 365 * 30);
    start.checked_add(duration.min(MAX_DURATION)).unwrap_or(start)
}
