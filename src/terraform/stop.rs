//! The wish to stop: Terraform asks running calls to end soon, and goes on to accept new ones.

use tokio::sync::watch;

/// Tells running calls to stop (tfplugin6, StopProvider).
#[derive(Debug)]
pub struct StopSource {
    stops: watch::Sender<u64>,
}

/// What one call listens to. It hears only of stops that come after it began.
#[derive(Debug, Clone)]
pub struct StopSignal {
    stops: watch::Receiver<u64>,
    before: u64,
}

impl StopSource {
    /// Nobody wants to stop yet.
    pub fn new() -> Self {
        Self { stops: watch::Sender::new(0) }
    }

    /// Asks all running calls to stop. Calls that begin later are not concerned.
    pub fn stop(&self) {
        self.stops.send_modify(|count| *count += 1);
    }

    /// A signal for a call that begins now.
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
    /// Whether a stop has been asked for.
    pub fn is_stopping(&self) -> bool {
        *self.stops.borrow() != self.before
    }

    /// Ends when a stop is asked for; never, if none is.
    pub async fn stopped(&mut self) {
        let before = self.before;
        if self.stops.wait_for(|count| *count != before).await.is_err() {
            // The source is gone and with it the process's provider: nobody can ask any more.
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_stop_concerns_running_calls_and_not_later_ones() {
        let source = StopSource::new();
        let mut running = source.signal();
        source.stop();
        running.stopped().await;
        assert!(running.is_stopping());
        assert!(!source.signal().is_stopping());
    }
}
