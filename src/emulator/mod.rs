//! An offline Microsoft Graph with real state: Intune device configurations and their assignments, assignment
//! filters, groups and `$batch`, and the part of Entra that signs applications in, written from the published reference. Shares nothing with the rest of the
//! crate, so that two readings of that reference have to agree.
//!
//! The way of a request: `http` reads it from the socket, `router` admits and dispatches it (an item of a
//! batch passes there too), `handlers` do the work on `state`, `http` writes the answer. Requests for tokens go to
//! `entra`, `/_emulator` addresses to `control` instead, which needs no token. A bad day is rehearsed with `faults`: rules that a
//! test sets through `control`, and that `router` applies to the requests which follow.

mod answer;
mod batch;
mod bounded_log;
mod call;
pub mod calls;
mod connection;
mod control;
mod entra;
mod errors;
mod faults;
mod handlers;
mod http;
mod limits;
mod members;
mod model;
pub mod observer;
mod odata;
mod options;
mod request;
mod router;
pub mod semantics;
mod service;
mod state;
mod tenant;
mod timestamp;
mod visitor;

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::JoinHandle;

use serde_json::Value;
use tokio::sync::oneshot;

pub use calls::CallRecord;
pub use entra::{AssertionRecord, TokenRequestRecord};
pub use faults::duration;
pub use observer::{Control, Sighting, Verdict};
pub use options::Options;
pub use semantics::{GroupLookUp, Semantics, Unproven};
pub use tenant::{Tenant, TenantError};

/// A running emulator. It stops when it is dropped; requests that are still open are cut.
#[derive(Debug)]
pub struct Emulator {
    address: SocketAddr,
    service: Arc<service::Service>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Emulator {
    /// Starts an emulator on a thread of its own, so it can be used from blocking and from async code alike.
    ///
    /// Fails if the address cannot be listened on.
    pub fn start(tenant: Tenant, options: Options) -> io::Result<Self> {
        let listener = TcpListener::bind(options.listen)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let service = Arc::new(service::Service::new(tenant, options));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let listener = {
            let _inside = runtime.enter();
            tokio::net::TcpListener::from_std(listener)?
        };
        let (stop, stopped) = oneshot::channel();
        let served = Arc::clone(&service);
        let serve = move || runtime.block_on(http::serve(listener, served, stopped));
        let thread = std::thread::Builder::new().name("graph-emulator".to_owned()).spawn(serve)?;
        Ok(Self { address, service, stop: Some(stop), thread: Some(thread) })
    }

    /// Where it listens, with the port it was given.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The root of its addresses, without version and without a slash at the end: `http://127.0.0.1:8400`.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The Graph requests answered since the start or the last reset, items of batches included.
    pub fn calls(&self) -> Vec<CallRecord> {
        self.service.inner().calls.list()
    }

    /// The requests for tokens since the start or the last reset; see `GET /_emulator/tokens`.
    pub fn token_requests(&self) -> Vec<TokenRequestRecord> {
        self.service.inner().entra.requests()
    }

    /// Sets test faults: one rule, or an array of rules, in the form of `POST /_emulator/faults`.
    ///
    /// The error names the member of the rule that is wrong; then none of the rules is set.
    pub fn faults(&self, rules: &Value) -> Result<(), String> {
        match self.control("POST", "/_emulator/faults", Some(rules)) {
            (201, _) => Ok(()),
            (_, refusal) => {
                Err(refusal.pointer("/error/message").and_then(Value::as_str).unwrap_or_default().to_owned())
            }
        }
    }

    /// Does what an HTTP request to the control address `/_emulator/…` does, without a socket. Answers the
    /// status and the document, which is null where there is none.
    pub fn control(&self, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
        control::send(&self.service, method, path, body)
    }

    /// From now on `observer` sees every request. An emulator has one observer; a second one is ignored.
    pub fn observe(&self, observer: impl Fn(&Sighting<'_>, &Control<'_>) -> Verdict + Send + Sync + 'static) {
        self.service.observing.begin(Box::new(observer));
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic of the server thread has been reported by the panic hook already.
            let _ = thread.join();
        }
    }
}
