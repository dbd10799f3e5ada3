//! Accepts connections, performs the TLS handshake, and passes them to the server. A failing client never ends the
//! loop.

use std::convert::Infallible;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

use crate::plugin::connection::{ClientConnection, Clients};
use crate::plugin::listener::{Listener, Socket};

/// The time limit of a TLS handshake. Terraform's limit for the whole start is a minute.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// The delay after a failed accept, most likely for lack of file descriptors. Prevents a busy loop.
const DELAY_AFTER_FAILURE: Duration = Duration::from_millis(50);

/// The sending half of the gRPC server's connection queue.
pub type ConnectionSender = mpsc::Sender<Result<ClientConnection, std::io::Error>>;

/// Accepts connections until the future is dropped. Without an acceptor, connections are plain HTTP/2.
pub async fn accept_connections(
    listener: &Listener,
    acceptor: Option<&TlsAcceptor>,
    clients: &Clients,
    queue: &ConnectionSender,
) -> Infallible {
    loop {
        match listener.accept().await {
            Ok(socket) => spawn_handshake(socket, acceptor, clients, queue),
            Err(error) => {
                tracing::warn!(error = %error, "A connection could not be accepted");
                sleep(DELAY_AFTER_FAILURE).await;
            }
        }
    }
}

/// Performs the handshake in a separate task, so that a slow client does not block others.
fn spawn_handshake(
    socket: Socket,
    acceptor: Option<&TlsAcceptor>,
    clients: &Clients,
    queue: &ConnectionSender,
) {
    let (acceptor, clients, queue) = (acceptor.cloned(), clients.clone(), queue.clone());
    tokio::spawn(async move {
        if let Some(connection) = perform_handshake(socket, acceptor, &clients).await {
            // The send fails only if the server has ended, and the process is about to end too.
            let _ = queue.send(Ok(connection)).await;
        }
    });
}

async fn perform_handshake(
    socket: Socket,
    acceptor: Option<TlsAcceptor>,
    clients: &Clients,
) -> Option<ClientConnection> {
    let Some(acceptor) = acceptor else { return Some(ClientConnection::plain(socket, clients)) };
    match timeout(HANDSHAKE_TIMEOUT, acceptor.accept(socket)).await {
        Ok(Ok(stream)) => Some(ClientConnection::tls(stream, clients)),
        Ok(Err(error)) => {
            tracing::warn!(error = %error, "The TLS handshake with a client failed");
            None
        }
        Err(_) => {
            tracing::warn!("The TLS handshake with a client timed out");
            None
        }
    }
}
