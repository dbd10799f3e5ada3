//! Time and chance for repeating and for time limits, so that tests can hand in both. Decides nothing.

use std::time::Duration;

use async_trait::async_trait;
use time::OffsetDateTime;
use tokio::time::Instant;

/// What repeating, and whoever keeps a time limit, needs of the world.
///
/// All pauses go through it: that is where a test's clock may leap. A limit on work that is under way is not a pause.
/// It is the time that is left by this clock, run off in real time, since sockets know no other.
#[async_trait]
pub trait Clock: Send + Sync {
    /// Now, for measuring.
    fn now(&self) -> Instant;
    /// Now, by the calendar.
    fn date(&self) -> OffsetDateTime;
    /// Ends at `moment`.
    async fn sleep_until(&self, moment: Instant);
    /// A number from 0 to 1, another one each time.
    fn chance(&self) -> f64;
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

    async fn sleep_until(&self, moment: Instant) {
        tokio::time::sleep_until(moment).await;
    }

    fn chance(&self) -> f64 {
        fastrand::f64()
    }
}

/// Shortens or lengthens nothing: the sum, or as late as can be told.
pub(super) fn later(moment: Instant, pause: Duration) -> Instant {
    // Some thirty years, as the runtime itself counts "never".
    const FAR: Duration = Duration::from_hours(24 * 365 * 30);
    moment.checked_add(pause.min(FAR)).unwrap_or(moment)
}
