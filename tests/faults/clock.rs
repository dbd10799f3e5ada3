//! A clock that a test owns. A pause takes no time; what happens during one is the test's choice. Time that passes
//! otherwise is real.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
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
    /// Somebody else assigns the policy.
    SomebodyAssigns,
}

/// The clock of a provider.
#[derive(Default)]
pub struct TestClock {
    passed: Mutex<Duration>,
    pause: Mutex<Pause>,
    begun: AtomicBool,
    pub signals: Signals,
}

/// How a test and the first pause of a command meet.
#[derive(Default)]
pub struct Signals {
    /// The pause has begun.
    pub begun: Notify,
    /// The test lets it end.
    pub go_on: Notify,
}

impl TestClock {
    /// The next command begins, in which the first pause is like this.
    pub fn renew(&self, pause: Pause) {
        *self.pause.lock().unwrap() = pause;
        self.begun.store(false, Ordering::Relaxed);
    }

    /// Whether there was a pause in this command.
    pub fn has_paused(&self) -> bool {
        self.begun.load(Ordering::Relaxed)
    }

    async fn first(&self) {
        self.signals.begun.notify_one();
        let pause = *self.pause.lock().unwrap();
        match pause {
            Pause::Leap => {}
            Pause::Stop => std::future::pending().await,
            Pause::Panic => panic!("a bug that a test has put here"),
            Pause::SomebodyAssigns => self.signals.go_on.notified().await,
        }
    }
}

#[async_trait]
impl Clock for TestClock {
    fn now(&self) -> Instant {
        Instant::now() + *self.passed.lock().unwrap()
    }

    fn date(&self) -> OffsetDateTime {
        OffsetDateTime::now_utc() + *self.passed.lock().unwrap()
    }

    async fn sleep_until(&self, moment: Instant) {
        if !self.begun.swap(true, Ordering::Relaxed) {
            self.first().await;
        }
        let pause = moment.saturating_duration_since(self.now());
        *self.passed.lock().unwrap() += pause;
    }

    fn chance(&self) -> f64 {
        0.5
    }
}
