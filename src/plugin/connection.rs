//! Connections of the gRPC server, with or without TLS, and the count of open ones. [`super::accept`] creates them;
//! [`super::lifetime`] interprets the count.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_rustls::server::TlsStream;
use tonic::transport::server::Connected;

use crate::plugin::listener::Socket;
use crate::wire::connection_state::ConnectionState;

/// A client's connection. It counts as open until it is dropped.
pub struct ClientConnection {
    stream: Stream,
    state: ConnectionState,
    _open: OpenConnection,
}

enum Stream {
    Plain(Socket),
    // Boxed, because it is some kilobytes larger than the other variant.
    Tls(Box<TlsStream<Socket>>),
}

impl ClientConnection {
    /// A connection without TLS.
    pub fn plain(socket: Socket, clients: &Clients) -> Self {
        Self::new(Stream::Plain(socket), clients)
    }

    /// A connection whose TLS handshake has authenticated the client.
    pub fn tls(stream: TlsStream<Socket>, clients: &Clients) -> Self {
        Self::new(Stream::Tls(Box::new(stream)), clients)
    }

    fn new(stream: Stream, clients: &Clients) -> Self {
        Self { stream, state: ConnectionState::default(), _open: clients.register() }
    }
}

impl Connected for ClientConnection {
    /// tonic adds it to each request of the connection.
    type ConnectInfo = ConnectionState;

    fn connect_info(&self) -> Self::ConnectInfo {
        self.state.clone()
    }
}

impl AsyncRead for ClientConnection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_read(cx, buf),
            Stream::Tls(stream) => Pin::new(stream).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for ClientConnection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_write(cx, buf),
            Stream::Tls(stream) => Pin::new(stream).poll_write(cx, buf),
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_write_vectored(cx, bufs),
            Stream::Tls(stream) => Pin::new(stream).poll_write_vectored(cx, bufs),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match &self.stream {
            Stream::Plain(stream) => stream.is_write_vectored(),
            Stream::Tls(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Stream::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Stream::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}

/// Counts the connections that completed their handshake. Clones share the count.
#[derive(Debug, Clone)]
pub struct Clients(Arc<watch::Sender<ConnectionCount>>);

#[derive(Debug, Clone, Copy, Default)]
struct ConnectionCount {
    open: usize,
    // Detects a connection that was opened and closed between two checks.
    total: usize,
}

/// Counts one connection as open until it is dropped.
struct OpenConnection(Clients);

impl Default for Clients {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(ConnectionCount::default())))
    }
}

impl Clients {
    fn register(&self) -> OpenConnection {
        self.0.send_modify(|count| {
            count.open += 1;
            count.total += 1;
        });
        OpenConnection(self.clone())
    }

    /// Waits for the first client. Returns false after `limit`.
    pub async fn wait_for_first(&self, limit: Duration) -> bool {
        let mut count = self.0.subscribe();
        timeout(limit, count.wait_for(|count| count.total > 0)).await.is_ok()
    }

    /// Waits until all connections are closed and no new one is opened for `grace`.
    pub async fn wait_until_idle(&self, grace: Duration) {
        let mut count = self.0.subscribe();
        loop {
            let Ok(seen) = count.wait_for(|count| count.open == 0).await.map(|count| count.total) else {
                return;
            };
            if timeout(grace, count.wait_for(|count| count.total > seen)).await.is_err() {
                return;
            }
        }
    }
}

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.0.0.send_modify(|count| count.open = count.open.saturating_sub(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_mins(1);

    /// Whether `work` is ready.
    async fn is_done(work: impl Future<Output = ()>) -> bool {
        timeout(Duration::ZERO, work).await.is_ok()
    }

    #[tokio::test]
    async fn waiting_for_a_first_client_times_out() {
        assert!(!Clients::default().wait_for_first(Duration::from_millis(1)).await);
    }

    #[tokio::test]
    async fn a_closed_connection_counts_as_a_first_client() {
        let clients = Clients::default();
        drop(clients.register());
        assert!(clients.wait_for_first(LONG).await);
    }

    #[tokio::test]
    async fn clients_are_idle_only_when_all_are_closed() {
        let clients = Clients::default();
        let (first, second) = (clients.register(), clients.register());
        drop(first);
        assert!(!is_done(clients.wait_until_idle(Duration::ZERO)).await);
        drop(second);
        clients.wait_until_idle(Duration::ZERO).await;
    }

    #[tokio::test]
    async fn a_connection_within_the_grace_restarts_the_wait() {
        let clients = Clients::default();
        let idle = clients.wait_until_idle(LONG);
        tokio::pin!(idle);
        drop(clients.register());
        assert!(!is_done(idle.as_mut()).await);
        let _returned = clients.register();
        assert!(!is_done(idle.as_mut()).await);
    }
}
