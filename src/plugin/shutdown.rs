//! The shutdown signal, which ends the server and every open stream. [`super::lifetime`] decides when to trigger it.

use std::future::Future;
use std::sync::Arc;

use tokio::sync::watch;

/// A signal that is triggered once. Clones share it.
#[derive(Debug, Clone)]
pub struct ShutdownSignal(Arc<watch::Sender<bool>>);

impl Default for ShutdownSignal {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }
}

impl ShutdownSignal {
    /// Triggers the signal. Idempotent.
    pub fn trigger(&self) {
        self.0.send_replace(true);
    }

    /// Waits until the signal is triggered.
    pub fn triggered(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut receiver = self.0.subscribe();
        async move {
            // An error means that the sender, and with it the server, was dropped.
            let _ = receiver.wait_for(|triggered| *triggered).await;
        }
    }
}
