//! A clock that a test owns. A pause takes no time; what happens during one is the test's choice. Real time counts only
//! where a case is about it, so that a slow machine changes nothing.

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
    /// It is over at once.
    #[default]
    Leap,
    /// It never ends by itself; Terraform asks to stop.
    Stop,
    /// The provider has a bug.
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
    /// How many requests had been answered at the beginning of each pause of this command.
    pauses: Mutex<Vec<usize>>,
    requests: OnceLock<Box<dyn Fn() -> usize + Send + Sync>>,
    pub signals: Signals,
}

#[derive(Default)]
struct Time {
    passed: Duration,
    /// Since when real time counts.
    real_since: Option<Instant>,
}

/// How a test and the first pause of a command meet.
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
    /// From now on each pause is noted with what this counts.
    pub fn count(&self, requests: impl Fn() -> usize + Send + Sync + 'static) {
        assert!(self.requests.set(Box::new(requests)).is_ok(), "one thing is counted");
    }

    /// The next command begins, in which the first pause is like this.
    pub fn renew(&self, pause: Pause, real_time_counts: bool) {
        let passed = self.passed();
        let real_since = real_time_counts.then(Instant::now);
        *self.time.lock().unwrap() = Time { passed, real_since };
        *self.pause.lock().unwrap() = pause;
        self.pauses.lock().unwrap().clear();
        // A pause of the command before may have left a word.
        pin!(self.signals.begun.notified()).enable();
    }

    /// How many requests had been answered at the beginning of each pause of this command.
    pub fn pauses(&self) -> Vec<usize> {
        self.pauses.lock().unwrap().clone()
    }

    fn passed(&self) -> Duration {
        let time = self.time.lock().unwrap();
        time.passed + time.real_since.map(|since| since.elapsed()).unwrap_or_default()
    }

    /// Notes the pause. True for the first of the command.
    fn note_pause(&self) -> bool {
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
        if self.note_pause() {
            self.first().await;
        }
        let pause = moment.saturating_duration_since(self.now());
        self.time.lock().unwrap().passed += pause;
    }

    fn random(&self) -> f64 {
        0.5
    }
}
