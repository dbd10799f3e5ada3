//! The soak's clock: jumps over every pause, draws random numbers from the seed, and can run a callback during a pause.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use fastrand::Rng;
use terraform_provider_defender::graph::Clock;
use time::OffsetDateTime;
use time::macros::datetime;
use tokio::time::Instant;

const START: OffsetDateTime = datetime!(2026-01-31 12:00 UTC);

/// A callback for each pause of the provider.
pub type Meanwhile = Box<dyn FnMut() + Send>;

/// Far more than one seed needs.
const MAX_PAUSES: usize = 5_000;

pub struct SoakClock {
    start: Instant,
    passed: Mutex<Passed>,
    chances: Mutex<Rng>,
    meanwhile: Mutex<Option<Meanwhile>>,
}

#[derive(Default)]
struct Passed {
    time: Duration,
    pauses: usize,
}

impl SoakClock {
    pub fn new(seed: u64) -> Arc<Self> {
        Arc::new(Self {
            start: Instant::now(),
            passed: Mutex::default(),
            chances: Mutex::new(Rng::with_seed(seed)),
            meanwhile: Mutex::default(),
        })
    }

    /// Sets the callback for pauses from now on.
    pub fn in_pauses(&self, meanwhile: Option<Meanwhile>) {
        *self.meanwhile.lock().unwrap() = meanwhile;
    }

    fn passed(&self) -> Duration {
        self.passed.lock().unwrap().time
    }

    fn pass_until(&self, moment: Instant) {
        let mut passed = self.passed.lock().unwrap();
        passed.time = passed.time.max(moment.saturating_duration_since(self.start));
        passed.pauses += 1;
        assert!(passed.pauses < MAX_PAUSES, "the provider pauses without end");
    }
}

#[async_trait]
impl Clock for SoakClock {
    fn now(&self) -> Instant {
        self.start + self.passed()
    }

    fn date(&self) -> OffsetDateTime {
        START + self.passed()
    }

    async fn sleep_until(&self, moment: Instant) {
        if let Some(meanwhile) = &mut *self.meanwhile.lock().unwrap() {
            meanwhile();
        }
        self.pass_until(moment);
        // Lets other tasks run during the pause.
        tokio::task::yield_now().await;
    }

    fn random(&self) -> f64 {
        self.chances.lock().unwrap().f64()
    }
}
