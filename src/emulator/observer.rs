//! An observer in the same process: it sees each request before and after it is served, items of batches and requests
//! for tokens included, and may change the tenant at exactly that moment or cut the connection.

use std::fmt;
use std::sync::OnceLock;

use serde_json::Value;

use super::answer::{Answer, Delivery};
use super::request::Incoming;

/// A request at one moment of its way.
#[derive(Debug)]
pub struct Sighting<'a> {
    /// The verb.
    pub method: &'a str,
    /// Path and query as sent; for an item of a batch with the version root in front.
    pub path: &'a str,
    /// The token, if one was sent.
    pub bearer: Option<&'a str>,
    /// The body as sent.
    pub body: &'a [u8],
    /// Absent before the request is served, the status of its answer afterwards.
    pub status: Option<u16>,
}

/// What becomes of the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It goes on.
    Pass,
    /// The connection is closed: before the request takes effect, or in place of its answer.
    Cut,
}

/// The control addresses, without a socket. See [`super::Emulator::control`].
pub struct Control<'a> {
    send: &'a Send<'a>,
}

/// Does what a request to a control address does: method, path and body in, status and document out.
type Send<'a> = dyn Fn(&str, &str, Option<&Value>) -> (u16, Value) + Sync + 'a;

/// Called on the emulator's thread, while no lock is held.
pub type Observer = dyn Fn(&Sighting<'_>, &Control<'_>) -> Verdict + std::marker::Send + Sync;

/// The place of the one observer that an emulator may have.
#[derive(Default)]
pub struct Observing(OnceLock<Box<Observer>>);

impl<'a> Control<'a> {
    /// Control by a function that serves the control addresses.
    pub(super) fn new(send: &'a Send<'a>) -> Self {
        Self { send }
    }

    /// Answers the status and the document, which is null where there is none.
    pub fn send(&self, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
        (self.send)(method, path, body)
    }
}

impl Observing {
    /// Sets the observer, unless there is one already.
    pub fn begin(&self, observer: Box<Observer>) {
        let _ = self.0.set(observer);
    }

    /// Serves a request under the eyes of the observer.
    pub async fn watch(
        &self,
        control: &Control<'_>,
        incoming: &Incoming,
        serve: impl Future<Output = Answer>,
    ) -> Answer {
        if self.verdict(control, incoming, None) == Verdict::Cut {
            return Answer::empty(0).delivered(Delivery::Cut);
        }
        let answer = serve.await;
        match self.verdict(control, incoming, Some(answer.status)) {
            Verdict::Pass => answer,
            Verdict::Cut => answer.delivered(Delivery::Cut),
        }
    }

    fn verdict(&self, control: &Control<'_>, incoming: &Incoming, status: Option<u16>) -> Verdict {
        let Some(observer) = self.0.get() else { return Verdict::Pass };
        let sighting = Sighting {
            method: incoming.method.as_str(),
            path: &incoming.target,
            bearer: incoming.bearer.as_deref(),
            body: &incoming.body,
            status,
        };
        observer(&sighting, control)
    }
}

impl fmt::Debug for Control<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Control").finish_non_exhaustive()
    }
}

impl fmt::Debug for Observing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Observing").field(&self.0.get().is_some()).finish()
    }
}
