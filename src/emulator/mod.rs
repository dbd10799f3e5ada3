//! An offline Microsoft Graph with real state: Intune device configurations and their assignments, assignment
//! filters, groups and `$batch`, figures about devices, and the part of Entra that signs in applications. Written
//! from the published reference, without any code of the rest of the crate, so that two readings of that reference
//! have to agree.
//!
//! The path of a request: `server` accepts the connection, `http` turns bytes into a request, `router` authorizes and
//! dispatches it (and each item of a `batch`), `handlers` change the tenant `state`, and `http` writes the response.
//! Token requests go to `entra`, requests below `/_emulator` to `control`, which needs no token. `faults` holds rules
//! that a test sets through `control` and that change later requests. `service` is the shared state of all of them.

mod batch;
mod bounded_log;
mod call_log;
mod command_line;
mod connection;
mod control;
mod entra;
mod faults;
mod handlers;
mod http;
mod json_file;
mod member_reader;
mod model;
pub mod observer;
mod odata;
mod options;
mod origin_check;
mod random_id;
pub mod reference;
mod request;
mod request_body;
mod response;
mod routed_request;
mod router;
pub mod semantics;
mod server;
mod service;
mod service_error;
mod state;
mod tenant;
mod throttling;
mod timestamp;
mod tls;

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::JoinHandle;

use serde_json::Value;
use thiserror::Error;
use tokio::sync::oneshot;

pub use call_log::CallRecord;
pub use command_line::Arguments;
pub use entra::{AssertionRecord, TokenRequestRecord};
pub use faults::duration;
pub use json_file::{JsonFileError, read_json_file};
pub use observer::{ObservedRequest, ObserverAction, TestControl};
pub use options::Options;
pub use semantics::{GroupLookUp, SEMANTICS_CHOICES, Semantics, SemanticsChoice, Unproven};
pub use tenant::{Tenant, TenantError};
pub use tls::TlsOptions;

/// Why an emulator could not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The address could not be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// As given.
        address: SocketAddr,
        /// The error of the operating system.
        source: io::Error,
    },
    /// The certificates could not be made, or that of the authority could not be written.
    #[error("{0}")]
    Tls(String),
    /// The system gave no thread or no event queue.
    #[error("cannot start: {0}")]
    System(#[from] io::Error),
}

/// A running emulator. It stops when it is dropped, and open requests are closed.
#[derive(Debug)]
pub struct Emulator {
    address: SocketAddr,
    scheme: &'static str,
    service: Arc<service::EmulatedService>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Emulator {
    /// Starts an emulator on its own thread, so it works from blocking and from async code.
    pub fn start(tenant: Tenant, options: Options) -> Result<Self, StartError> {
        let listener = listen(options.listen)
            .map_err(|source| StartError::Listen { address: options.listen, source })?;
        let address = listener.local_addr()?;
        let acceptor = options.tls.as_ref().map(|tls| tls::acceptor(tls, address.ip())).transpose();
        let acceptor = acceptor.map_err(StartError::Tls)?;
        let scheme = if acceptor.is_some() { "https" } else { "http" };
        let seed = options.seed;
        let service = Arc::new(service::EmulatedService::new(tenant, options));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let listener = {
            let _inside = runtime.enter();
            tokio::net::TcpListener::from_std(listener)?
        };
        let (stop, stopped) = oneshot::channel();
        let served = Arc::clone(&service);
        let serve = move || {
            // All answers are made on this thread, so its generator decides them.
            fastrand::seed(seed);
            runtime.block_on(server::serve(listener, acceptor, served, stopped));
        };
        let thread = std::thread::Builder::new().name("graph-emulator".to_owned()).spawn(serve)?;
        Ok(Self { address, scheme, service, stop: Some(stop), thread: Some(thread) })
    }

    /// The address that it listens on, with the actual port.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The root address, without version and without a trailing slash: `http://127.0.0.1:8400`.
    pub fn base_url(&self) -> String {
        format!("{}://{}", self.scheme, self.address)
    }

    /// The Graph requests answered since the start or the last reset, including batch items.
    pub fn calls(&self) -> Vec<CallRecord> {
        self.service.state().calls.sorted().into_iter().cloned().collect()
    }

    /// The token requests since the start or the last reset; see `GET /_emulator/tokens`.
    pub fn token_requests(&self) -> Vec<TokenRequestRecord> {
        self.service.state().entra.requests()
    }

    /// Sets test faults: one rule or an array of rules, in the format of `POST /_emulator/faults`.
    ///
    /// The error names the wrong member. In that case no rule is set.
    pub fn faults(&self, rules: &Value) -> Result<(), String> {
        match self.control("POST", "/_emulator/faults", Some(rules)) {
            (201, _) => Ok(()),
            (_, refusal) => {
                Err(refusal.pointer("/error/message").and_then(Value::as_str).unwrap_or_default().to_owned())
            }
        }
    }

    /// Serves a request to a control address `/_emulator/…` without a socket. Returns the status and the document,
    /// which is null if there is none.
    pub fn control(&self, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
        control::send(&self.service, method, path, body)
    }

    /// Shows every later request to `observer`. An emulator has one observer; another one is ignored.
    pub fn observe(
        &self,
        observer: impl Fn(&ObservedRequest<'_>, &TestControl<'_>) -> ObserverAction + Send + Sync + 'static,
    ) {
        self.service.observer.set(Box::new(observer));
    }
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let listener = TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

impl Drop for Emulator {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // The panic hook has already reported a panic of the server thread.
            let _ = thread.join();
        }
    }
}
