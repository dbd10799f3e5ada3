//! The throttling state that all requests of a client share: the clock, and a circuit breaker for each throttling
//! bucket.

use std::sync::Arc;

use super::circuit_breaker::CircuitBreaker;
use super::clock::{Clock, SystemClock};
use super::throttling_bucket::ThrottlingBucket;

/// The clock and the circuit breakers of a client.
pub struct RateLimits {
    clock: Arc<dyn Clock>,
    intune_reads: Arc<CircuitBreaker>,
    intune_writes: Arc<CircuitBreaker>,
    directory: Arc<CircuitBreaker>,
}

impl RateLimits {
    /// The state of a client that has not been throttled: all circuit breakers are closed.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        let breaker = |bucket| Arc::new(CircuitBreaker::new(bucket));
        Self {
            clock,
            intune_reads: breaker(ThrottlingBucket::IntuneReads),
            intune_writes: breaker(ThrottlingBucket::IntuneWrites),
            directory: breaker(ThrottlingBucket::Directory),
        }
    }

    /// The clock that all pauses use.
    pub fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    pub(super) fn breaker(&self, bucket: ThrottlingBucket) -> &Arc<CircuitBreaker> {
        match bucket {
            ThrottlingBucket::IntuneReads => &self.intune_reads,
            ThrottlingBucket::IntuneWrites => &self.intune_writes,
            ThrottlingBucket::Directory => &self.directory,
        }
    }
}

/// Uses the clock of this machine.
impl Default for RateLimits {
    fn default() -> Self {
        Self::new(Arc::new(SystemClock))
    }
}
