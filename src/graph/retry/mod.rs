//! Repeating requests: the loop around the one place that sends. Reads are repeated here; a write is repeated by
//! whoever has looked in between, with the same [`Tries`]. Does not send, and does not know entities.
//!
//! What is repeated is judged in [`tries`], how long a pause is in [`schedule`], who pauses together in [`gate`].

mod clock;
mod gate;
mod kind;
mod patience;
mod schedule;
mod tries;

use std::sync::Arc;

use super::answer::Answer;
use super::client::{Client, Interruptions};
use super::error::Error;
use super::request::Request;

use self::gate::Gate;

pub use self::clock::{Clock, SystemClock};
pub use self::gate::Turn;
pub use self::kind::Kind;
pub use self::patience::Patience;
pub use self::tries::Tries;

/// What all requests of a client share: the clock, and a gate for each kind.
pub struct Pace {
    clock: Arc<dyn Clock>,
    intune_reads: Arc<Gate>,
    intune_writes: Arc<Gate>,
    directory: Arc<Gate>,
}

impl Client {
    /// Sends a read until it is answered for good, within the client's patience ("Microsoft Graph throttling
    /// guidance"). A write is sent once and at once: before it is repeated somebody has to look.
    pub async fn send(&self, request: &Request) -> Result<Answer, Error> {
        request.check(self.endpoint())?;
        if request.is_write() {
            return self.send_once(request).await;
        }
        let mut tries = self.tries(Kind::of(request));
        loop {
            if let Some(answer) = tries.attempt(self.send_once(request)).await? {
                return Ok(answer);
            }
        }
    }

    /// The same client for an operation with this patience, which counts its own interruptions. They share pauses.
    #[must_use]
    pub fn patient(&self, patience: Patience) -> Self {
        let mut client = self.clone();
        client.patience = patience;
        client.interruptions = Interruptions::default();
        client
    }

    /// The same client by another clock, and with pauses of its own.
    #[must_use]
    pub fn by_clock(&self, clock: Arc<dyn Clock>) -> Self {
        let mut client = self.clone();
        client.pace = Arc::new(Pace::new(clock));
        client
    }

    /// What this client measures and pauses by.
    pub fn clock(&self) -> &dyn Clock {
        &*self.pace.clock
    }

    /// The tries of a request that the caller repeats itself.
    pub fn tries(&self, kind: Kind) -> Tries {
        Tries::new(Arc::clone(&self.pace), self.patience.clone(), self.interruptions.clone(), kind)
    }
}

/// The clock of this machine.
impl Default for Pace {
    fn default() -> Self {
        Self::new(Arc::new(SystemClock))
    }
}

impl Pace {
    /// Nobody has been asked to wait.
    fn new(clock: Arc<dyn Clock>) -> Self {
        let gate = |kind| Arc::new(Gate::new(kind));
        Self {
            clock,
            intune_reads: gate(Kind::IntuneRead),
            intune_writes: gate(Kind::IntuneWrite),
            directory: gate(Kind::Directory),
        }
    }

    fn gate(&self, kind: Kind) -> Arc<Gate> {
        Arc::clone(match kind {
            Kind::IntuneRead => &self.intune_reads,
            Kind::IntuneWrite => &self.intune_writes,
            Kind::Directory => &self.directory,
        })
    }
}
