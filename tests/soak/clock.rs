//! The soak's clock: leaps over every pause, draws its chances from the seed, and lets somebody act during a pause.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use fastrand::Rng;
use terraform_provider_defender::graph::Clock;
use time::OffsetDateTime;
use tokio::time::Instant;

use crate::manual_clock::ManualClock;

/// What happens while the provider pauses; called once for each pause.
pub type Meanwhile = Box<dyn FnMut() + Send>;

/// Far beyond what one seed needs.
const MOST_PAUSES: usize = 5_000;

pub struct SoakClock {
    manual: ManualClock,
    chances: Mutex<Rng>,
    meanwhile: Mutex<Option<Meanwhile>>,
}

impl SoakClock {
    pub fn new(seed: u64) -> Arc<Self> {
        Arc::new(Self {
            manual: ManualClock::new(),
            chances: Mutex::new(Rng::with_seed(seed)),
            meanwhile: Mutex::default(),
        })
    }

    /// From now on this happens during pauses; nothing, with `None`.
    pub fn in_pauses(&self, meanwhile: Option<Meanwhile>) {
        *self.meanwhile.lock().unwrap() = meanwhile;
    }
}

#[async_trait]
impl Clock for SoakClock {
    fn now(&self) -> Instant {
        self.manual.now()
    }

    fn date(&self) -> OffsetDateTime {
        self.manual.date()
    }

    async fn sleep_until(&self, moment: Instant) {
        assert!(self.manual.pauses().len() < MOST_PAUSES, "the provider pauses without end");
        if let Some(meanwhile) = &mut *self.meanwhile.lock().unwrap() {
            meanwhile();
        }
        self.manual.sleep_until(moment).await;
        // Others go on while this one sleeps.
        tokio::task::yield_now().await;
    }

    fn chance(&self) -> f64 {
        self.chances.lock().unwrap().f64()
    }
}
