//! A clock under the control of a test. Pauses take no time, and the test chooses what happens during one. Real time
//! counts only in cases that are about it, so a slow machine does not change the results.

use std::pin::pin;
use std::sync::{Mutex, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use terraform_provider_defender::graph::Clock;
use time::OffsetDateTime;
use tokio::sync::Notify;
use tokio::time::Instant;

/// What happens while the provider pauses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pause {
    /// It ends at once.
    #[default]
    Leap,
    /// It does not end; Terraform asks the provider to stop.
    Stop,
    /// The provider panics.
    Panic,
    /// The policy is changed elsewhere.
    ChangedElsewhere,
}

/// The clock of a provider.
pub struct TestClock {
    start: Instant,
    date: OffsetDateTime,
    time: Mutex<Time>,
    pause: Mutex<Pause>,
    /// The number of answered requests at the start of each pause of this command.
    pauses: Mutex<Vec<usize>>,
    requests: OnceLock<Box<dyn Fn() -> usize + Send + Sync>>,
    pub signals: Signals,
}

#[derive(Default)]
struct Time {
    passed: Duration,
    /// The moment from which real time counts.
    real_since: Option<Instant>,
}

/// Synchronizes a test with the first pause of a command.
#[derive(Default)]
pub struct Signals {
    /// The pause has begun.
    pub begun: Notify,
    /// The test lets it end.
    pub go_on: Notify,
}

impl Default for TestClock {
    fn default() -> Self {
        Self {
            start: Instant::now(),
            date: OffsetDateTime::now_utc(),
            time: Mutex::default(),
            pause: Mutex::default(),
            pauses: Mutex::default(),
            requests: OnceLock::new(),
            signals: Signals::default(),
        }
    }
}

impl TestClock {
    /// Records this count at each pause from now on.
    pub fn count(&self, requests: impl Fn() -> usize + Send + Sync + 'static) {
        assert!(self.requests.set(Box::new(requests)).is_ok(), "one thing is counted");
    }

    /// Starts the next command, with this first pause.
    pub fn renew(&self, pause: Pause, real_time_counts: bool) {
        let passed = self.passed();
        let real_since = real_time_counts.then(Instant::now);
        *self.time.lock().unwrap() = Time { passed, real_since };
        *self.pause.lock().unwrap() = pause;
        self.pauses.lock().unwrap().clear();
        // A pause of the previous command may have left a notification.
        pin!(self.signals.begun.notified()).enable();
    }

    /// The number of answered requests at the start of each pause of this command.
    pub fn pauses(&self) -> Vec<usize> {
        self.pauses.lock().unwrap().clone()
    }

    fn passed(&self) -> Duration {
        let time = self.time.lock().unwrap();
        time.passed + time.real_since.map(|since| since.elapsed()).unwrap_or_default()
    }

    /// Records the pause. Returns whether it is the first of the command.
    fn record_pause(&self) -> bool {
        let requests = self.requests.get().map_or(0, |count| count());
        let mut pauses = self.pauses.lock().unwrap();
        pauses.push(requests);
        pauses.len() == 1
    }

    async fn first(&self) {
        self.signals.begun.notify_one();
        let pause = *self.pause.lock().unwrap();
        match pause {
            Pause::Leap => {}
            Pause::Stop => std::future::pending().await,
            Pause::Panic => panic!("a bug that a test has put here"),
            Pause::ChangedElsewhere => self.signals.go_on.notified().await,
        }
    }
}

#[async_trait]
impl Clock for TestClock {
    fn now(&self) -> Instant {
        self.start + self.passed()
    }

    fn date(&self) -> OffsetDateTime {
        self.date + self.passed()
    }

    async fn sleep_until(&self, moment: Instant) {
        if self.record_pause() {
            self.first().await;
        }
        let pause = moment.saturating_duration_since(self.now());
        self.time.lock().unwrap().passed += pause;
    }

    fn random(&self) -> f64 {
        0.5
    }
}
