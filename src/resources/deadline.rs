//! Time limits of operations, and waiting within them.

use std::fmt;
use std::future::Future;
use std::time::Duration;

use tokio::time::Instant;

use crate::graph::Patience;
use crate::terraform::stop::StopSignal;

/// When an operation must be done.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deadline {
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

/// Waiting times that double, up to a bound.
#[derive(Debug, Clone, Copy)]
pub(super) struct Backoff {
    next: Duration,
    longest: Duration,
}

impl Deadline {
    /// `limit` from now.
    pub(super) fn after(limit: Duration) -> Self {
        Self { at: Instant::now() + limit, limit }
    }

    /// The earlier of this and `limit` from now.
    pub(super) fn at_most(self, limit: Duration) -> Self {
        let other = Self::after(limit);
        if other.at < self.at { other } else { self }
    }

    /// The whole time that the operation had.
    pub(super) fn limit(self) -> Duration {
        self.limit
    }

    /// The time in which requests of the operation may be repeated, unless a stop comes.
    pub(super) fn patience(self, stop: &StopSignal) -> Patience {
        let stop = stop.clone();
        Patience::until(self.at).unless(move || {
            let mut stop = stop.clone();
            async move { stop.stopped().await }
        })
    }

    /// Gives the work this long; `None` if it is not done by then.
    pub(super) async fn within<T>(self, work: impl Future<Output = T>) -> Option<T> {
        tokio::time::timeout_at(self.at, work).await.ok()
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
        tokio::select! {
            () = tokio::time::sleep(duration.min(remaining)) => Ok(()),
            () = stop.stopped() => Err(Cut::Stop),
        }
    }

    fn remaining(self) -> Duration {
        self.at.saturating_duration_since(Instant::now())
    }
}

impl Backoff {
    /// Begins with `first` and never waits longer than `longest`.
    pub(super) fn new(first: Duration, longest: Duration) -> Self {
        Self { next: first, longest }
    }

    /// The next waiting time.
    pub(super) fn next(&mut self) -> Duration {
        let now = self.next;
        self.next = (now * 2).min(self.longest);
        now
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
    use super::*;
    use crate::terraform::stop::StopSource;

    #[test]
    fn durations_print_as_they_are_written() {
        let print = |seconds| Printed(Duration::from_secs_f64(seconds)).to_string();
        assert_eq!(
            [print(600.0), print(5400.0), print(90.0), print(1.5), print(0.0)],
            ["10m", "1h30m", "1m30s", "1.5s", "0s"]
        );
    }

    #[test]
    fn waiting_times_double_up_to_their_bound() {
        let mut backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(5));
        let times: Vec<_> = (0..4).map(|_| backoff.next().as_secs()).collect();
        assert_eq!(times, [1, 2, 4, 5]);
    }

    #[tokio::test]
    async fn a_wait_past_the_deadline_does_not_begin() {
        let mut stop = StopSource::new().signal();
        let deadline = Deadline::after(Duration::from_mins(10)).at_most(Duration::from_millis(5));
        assert_eq!(deadline.wait(Duration::from_mins(1), &mut stop).await, Err(Cut::Deadline));
    }

    #[tokio::test]
    async fn a_stop_ends_a_wait() {
        let source = StopSource::new();
        let mut stop = source.signal();
        source.stop();
        let deadline = Deadline::after(Duration::from_mins(10));
        assert_eq!(deadline.wait(Duration::from_mins(1), &mut stop).await, Err(Cut::Stop));
    }
}
