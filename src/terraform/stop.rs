//! Cancellation: Terraform asks running calls to stop, and may start new calls afterwards.

use tokio::sync::watch;

/// Asks running calls to stop (tfplugin6, StopProvider).
#[derive(Debug)]
pub struct StopSource {
    stops: watch::Sender<u64>,
}

/// The cancellation signal of one call. It ignores stops from before the call began.
#[derive(Debug, Clone)]
pub struct StopSignal {
    stops: watch::Receiver<u64>,
    before: u64,
}

impl StopSource {
    /// A source that has not requested a stop.
    pub fn new() -> Self {
        Self { stops: watch::Sender::new(0) }
    }

    /// Asks all running calls to stop. Calls that begin later are not affected.
    pub fn stop(&self) {
        self.stops.send_modify(|count| *count += 1);
    }

    /// Creates the signal for a call that begins now.
    pub fn signal(&self) -> StopSignal {
        let stops = self.stops.subscribe();
        let before = *stops.borrow();
        StopSignal { stops, before }
    }
}

impl Default for StopSource {
    fn default() -> Self {
        Self::new()
    }
}

impl StopSignal {
    /// Whether a stop has been requested.
    pub fn is_stopping(&self) -> bool {
        *self.stops.borrow() != self.before
    }

    /// Waits until a stop is requested.
    pub async fn stopped(&mut self) {
        let before = self.before;
        if self.stops.wait_for(|count| *count != before).await.is_err() {
            // The source was dropped together with the provider, so no stop can be requested any more.
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_stop_affects_running_calls_and_not_later_ones() {
        let source = StopSource::new();
        let mut running = source.signal();
        source.stop();
        running.stopped().await;
        assert!(running.is_stopping());
        assert!(!source.signal().is_stopping());
    }
}
