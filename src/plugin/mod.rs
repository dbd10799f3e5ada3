//! The plugin process: how Terraform starts it, connects to it and ends it. Knows nothing about the provider; the
//! gRPC service is passed in.
//!
//! The life of a process: [`arguments`] → [`environment`] (cookie, requests of the client) → [`listener`] and [`tls`]
//! → [`handshake`] (the one line on stdout) → [`accept`] and the gRPC server with its [`side_services`] →
//! [`lifetime`] (why it ends). [`debug`] replaces cookie, TLS and handshake for a person with a debugger.

pub mod accept;
pub mod arguments;
pub mod connection;
pub mod core_dumps;
pub mod debug;
pub mod environment;
pub mod error;
pub mod handshake;
pub mod help;
pub mod lifetime;
pub mod listener;
pub mod log;
pub mod mode;
pub mod panic_hook;
pub mod ports;
pub mod shutdown;
pub mod side_services;
pub mod signals;
pub mod tls;
#[cfg(unix)]
pub mod unix_socket;

use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::Server;

use crate::plugin::connection::Clients;
use crate::plugin::environment::PluginEnvironment;
use crate::plugin::error::Error;
use crate::plugin::listener::Listener;
use crate::plugin::mode::Mode;
use crate::plugin::shutdown::ShutdownSignal;
use crate::plugin::signals::Signals;
use crate::plugin::tls::Security;
use crate::wire::tfplugin6::provider_server::{Provider, ProviderServer};

/// The largest message in either direction, in bytes. Go providers have the same limit; a large state exceeds tonic's
/// default of 4 MiB.
pub const MESSAGE_LIMIT_BYTES: usize = 256 * 1024 * 1024;

/// The number of concurrent calls on one connection. Terraform makes as many as `-parallelism`, ten by default, and
/// one more for `StopProvider`.
const MAX_CONCURRENT_CALLS: u32 = 1_024;

/// How long pending responses, above all the one to `Shutdown`, may take once the shutdown has begun.
const DRAIN_TIMEOUT: Duration = Duration::from_millis(100);

/// The queue of accepted connections. Terraform opens one.
const CONNECTION_QUEUE: usize = 8;

/// Serves `service` until Terraform, or in debug mode the person, ends the process. Returns the exit status: 0 after
/// a regular end, 1 with the reason on stderr if the process could not start.
///
/// `address` is the provider's address in the form `NAMESPACE/TYPE`, which is the same in Terraform and OpenTofu.
pub fn serve<S: Provider>(mode: Mode, address: &str, service: S) -> ExitCode {
    panic_hook::install();
    match run(mode, address, service) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // A broken stderr must not change the exit status.
            let _ = std::io::stderr().write_all(help::start_failure(&error).as_bytes());
            ExitCode::FAILURE
        }
    }
}

fn run<S: Provider>(mode: Mode, address: &str, service: S) -> Result<(), Error> {
    let environment = PluginEnvironment::from_process();
    if mode == Mode::Hosted && !environment.cookie_matches {
        return Err(Error::NotStartedByTerraform);
    }
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Error::Runtime)?;
    let result = runtime.block_on(run_server(mode, address, service, &environment));
    // Does not wait for blocking tasks: a slow DNS look-up must not delay the end of the process.
    runtime.shutdown_background();
    result
}

/// Opens the socket, announces it, and serves until something ends the process. The listener, and with it the
/// socket's directory, is dropped on every path out.
async fn run_server<S: Provider>(
    mode: Mode,
    address: &str,
    service: S,
    environment: &PluginEnvironment,
) -> Result<(), Error> {
    // First, because a signal must not end the process once there is a socket to remove.
    let signals = Signals::listen().map_err(Error::Signals)?;
    let listener = Listener::open(environment)?;
    let security = match mode {
        Mode::Hosted => Security::from_client_certificate(environment.client_certificate.as_deref())?,
        Mode::Debug => Security::none(),
    };
    announce(mode, address, environment, &listener, &security)?;

    // After the announcement, so that the client connects while the TLS configuration is built.
    let acceptor = security.into_acceptor()?;
    let (shutdown, clients) = (ShutdownSignal::default(), Clients::default());
    let (queue, connections) = mpsc::channel(CONNECTION_QUEUE);
    let server = Server::builder()
        .max_concurrent_streams(MAX_CONCURRENT_CALLS)
        .add_service(
            ProviderServer::new(service)
                .max_decoding_message_size(MESSAGE_LIMIT_BYTES)
                .max_encoding_message_size(MESSAGE_LIMIT_BYTES),
        )
        .add_service(side_services::controller(&shutdown))
        .add_service(side_services::stdio(&shutdown))
        .add_service(side_services::broker(&shutdown))
        .add_service(side_services::health(&shutdown))
        .serve_with_incoming_shutdown(ReceiverStream::new(connections), shutdown.triggered());
    tokio::pin!(server);

    let reason = tokio::select! {
        // In this order, because a server that has ended must not be polled again below.
        biased;
        reason = lifetime::wait_for_exit(mode, &shutdown, &clients, signals) => reason,
        never = accept::accept_connections(&listener, acceptor.as_ref(), &clients, &queue) => match never {},
        // Ends only after a shutdown: the channel stays open, and a failed connection does not end the server.
        _ = &mut server => return Ok(()),
    };
    tracing::debug!(reason = %reason, "The provider process ends");
    shutdown.trigger();
    // The process ends even after an error or timeout.
    let _ = timeout(DRAIN_TIMEOUT, server).await;
    Ok(())
}

/// Writes the only text on stdout: the handshake line, or the instructions in debug mode.
fn announce(
    mode: Mode,
    address: &str,
    environment: &PluginEnvironment,
    listener: &Listener,
    security: &Security,
) -> Result<(), Error> {
    let text = match mode {
        Mode::Hosted => {
            if !environment.offers_protocol_6() {
                tracing::error!(
                    offered = %environment.offered_versions.as_deref().unwrap_or("nothing"),
                    "Terraform does not offer plugin protocol 6, the only version that this provider supports"
                );
            }
            handshake::render_line(
                listener.address(),
                security.certificate_der(),
                environment.requests_multiplexing,
            )
        }
        Mode::Debug => debug::instructions(address, std::process::id(), listener.address()),
    };
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).map_err(Error::StandardOutput)
}
