//! The one signal that ends the server and every stream which would otherwise stay open. Not the decision to end
//! ([`super::lifetime`]).

use std::future::Future;
use std::sync::Arc;

use tokio::sync::watch;

/// A switch that goes from "serving" to "ending" once. Clones share it.
#[derive(Debug, Clone)]
pub struct Stop(Arc<watch::Sender<bool>>);

impl Default for Stop {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }
}

impl Stop {
    /// Turns the switch. Again is harmless.
    pub fn request(&self) {
        self.0.send_replace(true);
    }

    /// Completes once the switch is turned, at once if it has been.
    pub fn requested(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut receiver = self.0.subscribe();
        async move {
            // The sender going away means the server is gone, which is an end as well.
            let _ = receiver.wait_for(|ending| *ending).await;
        }
    }
}
