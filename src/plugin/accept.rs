//! Accepts connections and carries each through its TLS handshake to the server. One bad client never ends the loop.

use std::convert::Infallible;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

use crate::plugin::connection::{Clients, Connection};
use crate::plugin::listener::{Listener, Socket};

/// A client that has said nothing by then is no client. Terraform's own limit for the whole start is a minute.
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(10);

/// After a failed accept (most likely out of file descriptors), so as not to spin until it gets better.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_millis(50);

/// What the gRPC server takes connections from.
pub type Accepted = mpsc::Sender<Result<Connection, std::io::Error>>;

/// Accepts for as long as it is polled; it never ends by itself. Without an acceptor, connections are plain HTTP/2.
pub async fn connections(
    listener: &Listener,
    acceptor: Option<&TlsAcceptor>,
    clients: &Clients,
    accepted: &Accepted,
) -> Infallible {
    loop {
        match listener.accept().await {
            Ok(socket) => admit(socket, acceptor, clients, accepted),
            Err(error) => {
                tracing::warn!(error = %error, "A connection could not be accepted");
                sleep(PAUSE_AFTER_FAILURE).await;
            }
        }
    }
}

/// Does the handshake in a task of its own: a client that is slow with it must not keep the right one waiting.
fn admit(socket: Socket, acceptor: Option<&TlsAcceptor>, clients: &Clients, accepted: &Accepted) {
    let (acceptor, clients, accepted) = (acceptor.cloned(), clients.clone(), accepted.clone());
    tokio::spawn(async move {
        if let Some(connection) = secured(socket, acceptor, &clients).await {
            // The server being gone means that the process is about to end.
            let _ = accepted.send(Ok(connection)).await;
        }
    });
}

async fn secured(socket: Socket, acceptor: Option<TlsAcceptor>, clients: &Clients) -> Option<Connection> {
    let Some(acceptor) = acceptor else { return Some(Connection::plain(socket, clients)) };
    match timeout(HANDSHAKE_LIMIT, acceptor.accept(socket)).await {
        Ok(Ok(stream)) => Some(Connection::tls(stream, clients)),
        Ok(Err(error)) => {
            tracing::warn!(error = %error, "A client was refused in the TLS handshake");
            None
        }
        Err(_) => {
            tracing::warn!("A client did not finish the TLS handshake in time");
            None
        }
    }
}
