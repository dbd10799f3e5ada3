//! Time limits of operations, and waiting within them.

use std::fmt;
use std::future::Future;
use std::time::Duration;

use tokio::time::Instant;

use crate::graph::{Clock, RetryBudget};
use crate::terraform::stop::StopSignal;

/// When an operation must be done, by the clock of the session.
#[derive(Clone, Copy)]
pub(super) struct Deadline<'a> {
    clock: &'a dyn Clock,
    at: Instant,
    limit: Duration,
}

/// Why a wait ended before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cut {
    /// The operation has no time left for it.
    Deadline,
    /// Terraform asked to stop.
    Stop,
}

impl<'a> Deadline<'a> {
    /// `limit` from now.
    pub(super) fn after(limit: Duration, clock: &'a dyn Clock) -> Self {
        Self { clock, at: clock.now() + limit, limit }
    }

    /// The earlier of this and `limit` from now.
    pub(super) fn at_most(self, limit: Duration) -> Self {
        let other = Self::after(limit, self.clock);
        if other.at < self.at { other } else { self }
    }

    /// The whole time that the operation had.
    pub(super) fn limit(self) -> Duration {
        self.limit
    }

    /// The time in which requests of the operation may be repeated, unless a stop comes.
    pub(super) fn retry_budget(self, stop: &StopSignal) -> RetryBudget {
        let stop = stop.clone();
        RetryBudget::until(self.at).cancelled_by(move || {
            let mut stop = stop.clone();
            async move { stop.stopped().await }
        })
    }

    /// Gives the work the time that is left; `None` if it is not done by then.
    ///
    /// Pauses within the work are measured by the clock and end before the deadline by themselves. What this bounds is
    /// the work between them, and that takes real time whatever the clock says.
    pub(super) async fn within<T>(self, work: impl Future<Output = T>) -> Option<T> {
        tokio::time::timeout(self.remaining(), work).await.ok()
    }

    /// Waits, unless that would pass the deadline or a stop comes.
    pub(super) async fn wait(self, duration: Duration, stop: &mut StopSignal) -> Result<(), Cut> {
        if duration >= self.remaining() {
            return Err(Cut::Deadline);
        }
        self.wait_at_most(duration, stop).await
    }

    /// Waits, at the longest until the deadline; refused once that has passed.
    pub(super) async fn wait_at_most(self, duration: Duration, stop: &mut StopSignal) -> Result<(), Cut> {
        let remaining = self.remaining();
        if remaining.is_zero() {
            return Err(Cut::Deadline);
        }
        let end = self.clock.now() + duration.min(remaining);
        tokio::select! {
            biased;
            () = stop.stopped() => Err(Cut::Stop),
            () = self.clock.sleep_until(end) => Ok(()),
        }
    }

    /// Whether no time is left.
    pub(super) fn is_over(self) -> bool {
        self.remaining().is_zero()
    }

    fn remaining(self) -> Duration {
        self.at.saturating_duration_since(self.clock.now())
    }
}

/// As a user would write it: `10m`, `1h30m`, `90s` is `1m30s`.
pub(super) struct Printed(pub(super) Duration);

impl fmt::Display for Printed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        let rest = Duration::new(seconds % 60, self.0.subsec_nanos());
        for (count, unit) in [(seconds / 3600, "h"), (seconds / 60 % 60, "m")] {
            if count > 0 {
                write!(f, "{count}{unit}")?;
            }
        }
        if seconds > 0 && rest.is_zero() { Ok(()) } else { write!(f, "{}s", rest.as_secs_f64()) }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use async_trait::async_trait;
    use time::OffsetDateTime;

    use super::*;
    use crate::terraform::stop::StopSource;

    /// Advances only while a caller sleeps.
    struct LeapingClock(Mutex<Instant>);

    impl LeapingClock {
        fn new() -> Self {
            Self(Mutex::new(Instant::now()))
        }
    }

    #[async_trait]
    impl Clock for LeapingClock {
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
    fn durations_print_as_they_are_written() {
        let print = |seconds| Printed(Duration::from_secs_f64(seconds)).to_string();
        assert_eq!(
            [print(600.0), print(5400.0), print(90.0), print(1.5), print(0.0)],
            ["10m", "1h30m", "1m30s", "1.5s", "0s"]
        );
    }

    #[tokio::test]
    async fn a_wait_past_the_deadline_does_not_begin() {
        let mut stop = StopSource::new().signal();
        let clock = LeapingClock::new();
        let deadline = Deadline::after(Duration::from_mins(10), &clock).at_most(Duration::from_millis(5));
        assert_eq!(deadline.wait(Duration::from_mins(1), &mut stop).await, Err(Cut::Deadline));
    }

    #[tokio::test]
    async fn a_stop_ends_a_wait() {
        let source = StopSource::new();
        let mut stop = source.signal();
        source.stop();
        let clock = LeapingClock::new();
        let deadline = Deadline::after(Duration::from_mins(10), &clock);
        assert_eq!(deadline.wait(Duration::from_mins(1), &mut stop).await, Err(Cut::Stop));
    }

    #[tokio::test]
    async fn waits_are_measured_and_spent_by_the_clock() {
        let mut stop = StopSource::new().signal();
        let clock = LeapingClock::new();
        let deadline = Deadline::after(Duration::from_mins(10), &clock);
        assert_eq!(deadline.wait(Duration::from_mins(9), &mut stop).await, Ok(()));
        assert_eq!(deadline.wait(Duration::from_mins(1), &mut stop).await, Err(Cut::Deadline));
        assert_eq!(deadline.wait_at_most(Duration::from_mins(5), &mut stop).await, Ok(()));
        assert_eq!(deadline.wait_at_most(Duration::ZERO, &mut stop).await, Err(Cut::Deadline));
    }

    #[tokio::test]
    async fn work_that_is_never_done_is_given_up_in_real_time() {
        let clock = LeapingClock::new();
        let deadline = Deadline::after(Duration::from_millis(1), &clock);
        assert_eq!(deadline.within(std::future::pending::<()>()).await, None);
        assert_eq!(deadline.within(async {}).await, Some(()), "what is done at once is in time");
    }
}
