//! A clock for tests: sleeping advances it immediately and is recorded, and the random value is always 0.5. For tests
//! with real sockets, where tokio's paused clock would run ahead.

use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use terraform_provider_defender::graph::retry::Clock;
use time::OffsetDateTime;
use time::macros::datetime;
use tokio::time::Instant;

const START: OffsetDateTime = datetime!(2026-01-31 12:00 UTC);

pub struct ManualClock {
    start: Instant,
    pauses: Mutex<Vec<Duration>>,
}

impl ManualClock {
    /// A clock that starts at noon on 31 January 2026.
    pub fn new() -> Self {
        Self { start: Instant::now(), pauses: Mutex::default() }
    }

    /// The sleeps so far.
    pub fn pauses(&self) -> Vec<Duration> {
        self.pauses.lock().unwrap().clone()
    }

    fn passed(&self) -> Duration {
        self.pauses.lock().unwrap().iter().sum()
    }
}

#[async_trait]
impl Clock for ManualClock {
    fn now(&self) -> Instant {
        self.start + self.passed()
    }

    fn date(&self) -> OffsetDateTime {
        START + self.passed()
    }

    async fn sleep_until(&self, moment: Instant) {
        let pause = moment.saturating_duration_since(self.now());
        self.pauses.lock().unwrap().push(pause);
    }

    fn random(&self) -> f64 {
        0.5
    }
}
