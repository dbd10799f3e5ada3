//! Exponential backoff: delays that double up to a bound. Does not sleep.

use std::time::Duration;

/// Delays that double from `first` up to `longest`.
#[derive(Debug, Clone, Copy)]
pub struct Backoff {
    first: Duration,
    longest: Duration,
}

/// Returns the delays of one [`Backoff`], one after another.
#[derive(Debug, Clone, Copy)]
pub struct BackoffDelays {
    backoff: Backoff,
    retries: u32,
}

impl Backoff {
    /// Starts with `first` and never exceeds `longest`.
    pub const fn new(first: Duration, longest: Duration) -> Self {
        Self { first, longest }
    }

    /// The upper bound of all delays.
    pub fn longest(&self) -> Duration {
        self.longest
    }

    /// The delay after this many retries. After zero retries, it is the first delay.
    pub fn delay(&self, retries: u32) -> Duration {
        self.first.saturating_mul(2_u32.saturating_pow(retries)).min(self.longest)
    }

    /// The delays in order.
    pub fn delays(self) -> BackoffDelays {
        BackoffDelays { backoff: self, retries: 0 }
    }
}

impl BackoffDelays {
    /// The next delay.
    pub fn next_delay(&mut self) -> Duration {
        let delay = self.backoff.delay(self.retries);
        self.retries = self.retries.saturating_add(1);
        delay
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_up_to_their_bound() {
        let mut delays = Backoff::new(Duration::from_secs(1), Duration::from_secs(5)).delays();
        let seconds: Vec<_> = (0..4).map(|_| delays.next_delay().as_secs()).collect();
        assert_eq!(seconds, [1, 2, 4, 5]);
    }

    #[test]
    fn a_delay_after_many_retries_does_not_overflow() {
        let backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(5));
        assert_eq!(backoff.delay(u32::MAX).as_secs(), 5);
    }
}
