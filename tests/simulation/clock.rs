//! Time of a simulation. Nothing sleeps: a pause moves the clock at once, and so does a hook that makes a request slow.
//! Each provider process has a view of its own, which stops when the process is killed.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use fastrand::Rng;
use terraform_provider_defender::graph::Clock;
use time::OffsetDateTime;
use time::macros::datetime;
use tokio::sync::Notify;
use tokio::time::Instant;

const START: OffsetDateTime = datetime!(2026-01-31 12:00 UTC);

/// Far beyond what a world needs.
const MOST_PAUSES: u64 = 5_000;

/// Called at each pause of a provider.
type InPause = Box<dyn Fn() + Send + Sync>;

/// The one clock of a world.
pub struct WorldClock {
    start: Instant,
    passed_ms: AtomicU64,
    pauses: AtomicU64,
    chances: Mutex<Rng>,
    in_pause: Mutex<Option<InPause>>,
}

/// The clock as one provider process sees it.
pub struct ProcessClock {
    pub world: Arc<WorldClock>,
    pub death: Arc<Death>,
}

/// Whether a process has been killed.
#[derive(Default)]
pub struct Death {
    is_dead: AtomicBool,
    news: Notify,
}

impl WorldClock {
    pub fn new(seed: u64) -> Arc<Self> {
        Arc::new(Self {
            start: Instant::now(),
            passed_ms: AtomicU64::new(0),
            pauses: AtomicU64::new(0),
            chances: Mutex::new(Rng::with_seed(seed)),
            in_pause: Mutex::default(),
        })
    }

    /// From now on this is called at each pause.
    pub fn in_pauses(&self, act: InPause) {
        *self.in_pause.lock().unwrap() = Some(act);
    }

    pub fn leap(&self, time: Duration) {
        let milliseconds = u64::try_from(time.as_millis()).unwrap_or(u64::MAX).saturating_add(1);
        self.passed_ms.fetch_add(milliseconds, Ordering::Relaxed);
    }

    fn passed(&self) -> Duration {
        Duration::from_millis(self.passed_ms.load(Ordering::Relaxed))
    }

    fn pause(&self, moment: Instant) {
        let pauses = self.pauses.fetch_add(1, Ordering::Relaxed);
        assert!(pauses < MOST_PAUSES, "the provider pauses without end");
        if let Some(act) = &*self.in_pause.lock().unwrap() {
            act();
        }
        self.leap(moment.saturating_duration_since(self.start + self.passed()));
    }
}

impl Death {
    pub fn strike(&self) {
        self.is_dead.store(true, Ordering::Relaxed);
        self.news.notify_waiters();
        // For a waiter that has not begun to wait yet.
        self.news.notify_one();
    }

    pub fn is_dead(&self) -> bool {
        self.is_dead.load(Ordering::Relaxed)
    }

    pub async fn wait(&self) {
        while !self.is_dead() {
            self.news.notified().await;
        }
    }
}

#[async_trait]
impl Clock for ProcessClock {
    fn now(&self) -> Instant {
        self.world.start + self.world.passed()
    }

    fn date(&self) -> OffsetDateTime {
        START + self.world.passed()
    }

    async fn sleep_until(&self, moment: Instant) {
        if self.death.is_dead() {
            std::future::pending::<()>().await;
        }
        self.world.pause(moment);
        // Other calls go on while this one sleeps.
        tokio::task::yield_now().await;
    }

    fn random(&self) -> f64 {
        self.world.chances.lock().unwrap().f64()
    }
}
