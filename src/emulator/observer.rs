//! An observer in the same process. It sees each request before and after it is served, including batch items
//! and token requests. It may change the tenant at that moment or close the connection.

use std::fmt;
use std::sync::OnceLock;

use serde_json::Value;

use super::request::IncomingRequest;
use super::response::{Delivery, ServiceResponse};

/// A request before or after it is served.
#[derive(Debug)]
pub struct ObservedRequest<'a> {
    /// The HTTP method.
    pub method: &'a str,
    /// Path and query as sent. The path of a batch item starts with the version root of its batch.
    pub path: &'a str,
    /// The bearer token, if one was sent.
    pub bearer: Option<&'a str>,
    /// The body as sent.
    pub body: &'a [u8],
    /// `None` before the request is served, then the status of its response.
    pub status: Option<u16>,
}

/// What happens to the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObserverAction {
    /// Continue.
    Pass,
    /// Close the connection: before the request takes effect, or instead of its response.
    Cut,
}

/// Test control without a socket. See [`super::Emulator::control`].
pub struct TestControl<'a> {
    send: &'a Send<'a>,
}

/// Serves a control request: method, path and body in, status and document out.
type Send<'a> = dyn Fn(&str, &str, Option<&Value>) -> (u16, Value) + Sync + 'a;

/// Runs on the emulator's thread, while no lock is held.
pub type Observer =
    dyn Fn(&ObservedRequest<'_>, &TestControl<'_>) -> ObserverAction + std::marker::Send + Sync;

/// The observer of an emulator, if it has one.
#[derive(Default)]
pub struct ObserverSlot(OnceLock<Box<Observer>>);

impl<'a> TestControl<'a> {
    /// Test control through a function that serves its addresses.
    pub(super) fn new(send: &'a Send<'a>) -> Self {
        Self { send }
    }

    /// Returns the status and the document, which is null if there is none.
    pub fn send(&self, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
        (self.send)(method, path, body)
    }
}

impl ObserverSlot {
    /// Sets the observer, unless there is one.
    pub fn set(&self, observer: Box<Observer>) {
        let _ = self.0.set(observer);
    }

    /// Serves a request and shows it to the observer before and after.
    pub async fn watch(
        &self,
        control: &TestControl<'_>,
        incoming: &IncomingRequest,
        serve: impl Future<Output = ServiceResponse>,
    ) -> ServiceResponse {
        if self.ask(control, incoming, None) == ObserverAction::Cut {
            return ServiceResponse::empty(0).with_delivery(Delivery::Cut);
        }
        let answer = serve.await;
        match self.ask(control, incoming, Some(answer.status)) {
            ObserverAction::Pass => answer,
            ObserverAction::Cut => answer.with_delivery(Delivery::Cut),
        }
    }

    fn ask(
        &self,
        control: &TestControl<'_>,
        incoming: &IncomingRequest,
        status: Option<u16>,
    ) -> ObserverAction {
        let Some(observer) = self.0.get() else { return ObserverAction::Pass };
        let sighting = ObservedRequest {
            method: incoming.method.as_str(),
            path: &incoming.target,
            bearer: incoming.bearer.as_deref(),
            body: &incoming.body,
            status,
        };
        observer(&sighting, control)
    }
}

impl fmt::Debug for TestControl<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Control").finish_non_exhaustive()
    }
}

impl fmt::Debug for ObserverSlot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Observing").field(&self.0.get().is_some()).finish()
    }
}
