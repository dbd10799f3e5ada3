//! Time limits of operations, and waits that respect them.

use std::fmt;
use std::future::Future;
use std::time::Duration;

use tokio::time::Instant;

use crate::graph::{Clock, RetryBudget};
use crate::terraform::stop::StopSignal;

/// The time at which an operation must end, by the session's clock.
#[derive(Clone, Copy)]
pub(crate) struct Deadline<'a> {
    clock: &'a dyn Clock,
    at: Instant,
    limit: Duration,
}

/// Why a wait ended early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WaitError {
    /// The operation has too little time left.
    DeadlineExceeded,
    /// Terraform asked the provider to stop.
    Stopped,
}

impl<'a> Deadline<'a> {
    /// A deadline `limit` from now.
    pub(crate) fn after(limit: Duration, clock: &'a dyn Clock) -> Self {
        Self { clock, at: clock.now() + limit, limit }
    }

    /// The earlier of this deadline and a new deadline `limit` from now.
    pub(crate) fn at_most(self, limit: Duration) -> Self {
        let other = Self::after(limit, self.clock);
        if other.at < self.at { other } else { self }
    }

    /// The time limit that was passed to [`Self::after`]. Messages show it.
    pub(crate) fn limit(self) -> Duration {
        self.limit
    }

    /// A retry budget that ends at the deadline, or earlier if Terraform asks the provider to stop.
    pub(crate) fn retry_budget(self, stop: &StopSignal) -> RetryBudget {
        let stop = stop.clone();
        RetryBudget::until(self.at).cancelled_by(move || {
            let mut stop = stop.clone();
            async move { stop.stopped().await }
        })
    }

    /// Runs the work until the deadline; `None` if it does not finish in time.
    ///
    /// The remaining time is determined by the session's clock, but elapses in real time, so that work that hangs is
    /// stopped even if the clock of a test stands still. Pauses in the work use the session's clock and end at the
    /// deadline, too.
    pub(crate) async fn within<T>(self, work: impl Future<Output = T>) -> Option<T> {
        tokio::time::timeout(self.remaining(), work).await.ok()
    }

    /// Waits for the whole duration. Fails immediately if the wait would end after the deadline. Ends early with an
    /// error if Terraform asks the provider to stop.
    pub(crate) async fn wait(self, duration: Duration, stop: &mut StopSignal) -> Result<(), WaitError> {
        if duration >= self.remaining() {
            return Err(WaitError::DeadlineExceeded);
        }
        self.wait_at_most(duration, stop).await
    }

    /// Waits for the duration or until the deadline, whichever is earlier. Fails if the deadline has passed. Ends
    /// early with an error if Terraform asks the provider to stop.
    pub(crate) async fn wait_at_most(
        self,
        duration: Duration,
        stop: &mut StopSignal,
    ) -> Result<(), WaitError> {
        let remaining = self.remaining();
        if remaining.is_zero() {
            return Err(WaitError::DeadlineExceeded);
        }
        let end = self.clock.now() + duration.min(remaining);
        tokio::select! {
            biased;
            () = stop.stopped() => Err(WaitError::Stopped),
            () = self.clock.sleep_until(end) => Ok(()),
        }
    }

    /// Whether the deadline has passed.
    pub(crate) fn has_passed(self) -> bool {
        self.remaining().is_zero()
    }

    fn remaining(self) -> Duration {
        self.at.saturating_duration_since(self.clock.now())
    }
}

/// Displays a duration in Go's format, without parts that are zero: `10m`, `1h30m`, `1m30s`.
pub(crate) struct DisplayDuration(pub(crate) Duration);

impl fmt::Display for DisplayDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let total_seconds = self.0.as_secs();
        let seconds = Duration::new(total_seconds % 60, self.0.subsec_nanos());
        for (count, unit) in [(total_seconds / 3600, "h"), (total_seconds / 60 % 60, "m")] {
            if count > 0 {
                write!(f, "{count}{unit}")?;
            }
        }
        if total_seconds > 0 && seconds.is_zero() { Ok(()) } else { write!(f, "{}s", seconds.as_secs_f64()) }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use async_trait::async_trait;
    use time::OffsetDateTime;

    use super::*;
    use crate::terraform::stop::StopSource;

    /// Jumps to the end of each sleep.
    struct JumpingClock(Mutex<Instant>);

    impl JumpingClock {
        fn new() -> Self {
            Self(Mutex::new(Instant::now()))
        }
    }

    #[async_trait]
    impl Clock for JumpingClock {
        fn now(&self) -> Instant {
            *self.0.lock().unwrap()
        }

        fn date(&self) -> OffsetDateTime {
            OffsetDateTime::UNIX_EPOCH
        }

        async fn sleep_until(&self, moment: Instant) {
            *self.0.lock().unwrap() = moment;
        }

        fn random(&self) -> f64 {
            0.5
        }
    }

    #[test]
    fn durations_are_displayed_in_gos_format() {
        let display = |seconds| DisplayDuration(Duration::from_secs_f64(seconds)).to_string();
        assert_eq!(
            [display(600.0), display(5400.0), display(90.0), display(1.5), display(0.0)],
            ["10m", "1h30m", "1m30s", "1.5s", "0s"]
        );
    }

    #[tokio::test]
    async fn a_wait_past_the_deadline_fails_at_once() {
        let mut stop = StopSource::new().signal();
        let clock = JumpingClock::new();
        let deadline = Deadline::after(Duration::from_mins(10), &clock).at_most(Duration::from_millis(5));
        assert_eq!(deadline.wait(Duration::from_mins(1), &mut stop).await, Err(WaitError::DeadlineExceeded));
    }

    #[tokio::test]
    async fn a_stop_ends_a_wait() {
        let source = StopSource::new();
        let mut stop = source.signal();
        source.stop();
        let clock = JumpingClock::new();
        let deadline = Deadline::after(Duration::from_mins(10), &clock);
        assert_eq!(deadline.wait(Duration::from_mins(1), &mut stop).await, Err(WaitError::Stopped));
    }

    #[tokio::test]
    async fn waits_use_the_clock() {
        let mut stop = StopSource::new().signal();
        let clock = JumpingClock::new();
        let deadline = Deadline::after(Duration::from_mins(10), &clock);
        assert_eq!(deadline.wait(Duration::from_mins(9), &mut stop).await, Ok(()));
        assert_eq!(deadline.wait(Duration::from_mins(1), &mut stop).await, Err(WaitError::DeadlineExceeded));
        assert_eq!(deadline.wait_at_most(Duration::from_mins(5), &mut stop).await, Ok(()));
        assert_eq!(deadline.wait_at_most(Duration::ZERO, &mut stop).await, Err(WaitError::DeadlineExceeded));
    }

    #[tokio::test]
    async fn work_that_never_finishes_ends_in_real_time() {
        let clock = JumpingClock::new();
        let deadline = Deadline::after(Duration::from_millis(1), &clock);
        assert_eq!(deadline.within(std::future::pending::<()>()).await, None);
        assert_eq!(deadline.within(async {}).await, Some(()), "finished work is in time");
    }
}
