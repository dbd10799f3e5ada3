//! The edge of the process: how Terraform starts it, reaches it and ends it. Nothing here knows what the provider
//! does; the service behind the socket is passed in.
//!
//! The order of a life: [`arguments`] → [`environment`] (cookie, what Terraform asks for) → [`listener`] and
//! [`tls`] → [`handshake`] (the one line on stdout) → [`accept`] and the gRPC server with its [`side_services`]
//! → [`lifetime`] (why it ends). [`debug`] replaces cookie, TLS and handshake for a person with a debugger.

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
pub mod panic_hook;
pub mod ports;
pub mod side_services;
pub mod signals;
pub mod stop;
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
use crate::plugin::environment::Environment;
use crate::plugin::error::Error;
use crate::plugin::listener::Listener;
use crate::plugin::signals::Signals;
use crate::plugin::stop::Stop;
use crate::plugin::tls::Security;
use crate::wire::tfplugin6::provider_server::{Provider, ProviderServer};

/// The largest message in either direction, in bytes: what Go providers allow, and far above tonic's default of
/// 4 MiB, which a large state exceeds.
pub const MESSAGE_LIMIT_BYTES: usize = 256 * 1024 * 1024;

/// The calls that one connection may have under way. Terraform makes as many as `-parallelism` says, ten by default, and
/// `StopProvider` needs one more.
const CALLS_AT_ONCE: u32 = 1_024;

/// How long answers under way (above all the one to `Shutdown`) may take to leave once the end is decided.
const LAST_ANSWERS: Duration = Duration::from_millis(100);

/// Accepted connections that wait for the server to take them. Terraform opens one.
const WAITING_CONNECTIONS: usize = 8;

/// Who started the process, and so how it presents itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Terraform did: cookie, mutual TLS and handshake line; the process ends with its client.
    Hosted,
    /// A person did, with `-debug`: clients come and go until Ctrl-C.
    Debug,
}

/// Serves `service` until Terraform, or in debug mode the person, ends it. Returns the status of the process: 0
/// after a regular end, 1 if it could not start (the reason is then on stderr).
///
/// `address` is the provider's address in the form `NAMESPACE/TYPE`, which means the same provider in Terraform and
/// in OpenTofu.
pub fn serve<S: Provider>(mode: Mode, address: &str, service: S) -> ExitCode {
    panic_hook::install();
    match run(mode, address, service) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // A broken stderr must not hide the exit status.
            let _ = std::io::stderr().write_all(help::failure(&error).as_bytes());
            ExitCode::FAILURE
        }
    }
}

fn run<S: Provider>(mode: Mode, address: &str, service: S) -> Result<(), Error> {
    let environment = Environment::from_process();
    if mode == Mode::Hosted && !environment.cookie_matches {
        return Err(Error::NotStartedByTerraform);
    }
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Error::Runtime)?;
    let result = runtime.block_on(host(mode, address, service, &environment));
    // Not waiting for blocking tasks: a slow name look-up must not delay the end of the process.
    runtime.shutdown_background();
    result
}

/// Opens the door, says where it is, and serves until something ends the process. The listener, and with it the
/// socket's directory, is dropped on every way out.
async fn host<S: Provider>(
    mode: Mode,
    address: &str,
    service: S,
    environment: &Environment,
) -> Result<(), Error> {
    // Before there is a socket to remove, and before Terraform hears of us: from then on both may be interrupted.
    let signals = Signals::listen().map_err(Error::Signals)?;
    let listener = Listener::open(environment)?;
    let security = match mode {
        Mode::Hosted => Security::from_client_certificate(environment.client_certificate.as_deref())?,
        Mode::Debug => Security::none(),
    };
    announce(mode, address, environment, &listener, &security)?;

    // Only now, while the client reads the line and comes: it can connect to the socket already.
    let acceptor = security.into_acceptor()?;
    let (stop, clients) = (Stop::default(), Clients::default());
    let (accepted, connections) = mpsc::channel(WAITING_CONNECTIONS);
    let server = Server::builder()
        .max_concurrent_streams(CALLS_AT_ONCE)
        .add_service(
            ProviderServer::new(service)
                .max_decoding_message_size(MESSAGE_LIMIT_BYTES)
                .max_encoding_message_size(MESSAGE_LIMIT_BYTES),
        )
        .add_service(side_services::controller(&stop))
        .add_service(side_services::stdio(&stop))
        .add_service(side_services::broker(&stop))
        .add_service(side_services::health(&stop))
        .serve_with_incoming_shutdown(ReceiverStream::new(connections), stop.requested());
    tokio::pin!(server);

    let cause = tokio::select! {
        // In this order, since a server that has ended must not be polled again below.
        biased;
        cause = lifetime::end(mode, &stop, &clients, signals) => cause,
        never = accept::connections(&listener, acceptor.as_ref(), &clients, &accepted) => match never {},
        // Not before `stop` is turned: the channel of connections stays open, and one bad connection is not its end.
        _ = &mut server => return Ok(()),
    };
    tracing::debug!(cause = %cause, "The provider process ends");
    stop.request();
    // An error or a time-out here changes nothing: the process ends either way.
    let _ = timeout(LAST_ANSWERS, server).await;
    Ok(())
}

/// Writes the only text that ever goes to stdout: the handshake line, or in debug mode the instructions.
fn announce(
    mode: Mode,
    address: &str,
    environment: &Environment,
    listener: &Listener,
    security: &Security,
) -> Result<(), Error> {
    let text = match mode {
        Mode::Hosted => {
            if !environment.offers_our_version() {
                tracing::error!(
                    offered = %environment.offered_versions.as_deref().unwrap_or("nothing"),
                    "Terraform does not offer plugin protocol 6, the only one that this provider speaks"
                );
            }
            handshake::line(listener.address(), security.certificate_der(), environment.asks_for_multiplexing)
        }
        Mode::Debug => debug::instructions(address, std::process::id(), listener.address()),
    };
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).map_err(Error::StandardOutput)
}
