//! A connection as the gRPC server sees it, with or without TLS, and the count of those that are open. Not how it
//! came to be ([`super::accept`]) nor what the count means ([`super::lifetime`]).

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

/// One client's connection. It counts as open until it is dropped.
pub struct Connection {
    stream: Stream,
    state: ConnectionState,
    _open: OpenConnection,
}

enum Stream {
    Plain(Socket),
    // Boxed: it is some kilobytes larger than the other.
    Tls(Box<TlsStream<Socket>>),
}

impl Connection {
    /// A connection without TLS.
    pub fn plain(socket: Socket, clients: &Clients) -> Self {
        Self::new(Stream::Plain(socket), clients)
    }

    /// A connection whose TLS handshake is done, and whose client therefore is the right one.
    pub fn tls(stream: TlsStream<Socket>, clients: &Clients) -> Self {
        Self::new(Stream::Tls(Box::new(stream)), clients)
    }

    fn new(stream: Stream, clients: &Clients) -> Self {
        Self { stream, state: ConnectionState::default(), _open: clients.enter() }
    }
}

impl Connected for Connection {
    /// Each request of the connection carries it.
    type ConnectInfo = ConnectionState;

    fn connect_info(&self) -> Self::ConnectInfo {
        self.state.clone()
    }
}

impl AsyncRead for Connection {
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

impl AsyncWrite for Connection {
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

/// The connections that passed their handshake. Clones share the count.
#[derive(Debug, Clone)]
pub struct Clients(Arc<watch::Sender<Count>>);

#[derive(Debug, Clone, Copy, Default)]
struct Count {
    open: usize,
    // Besides `open`: a connection that came and went between two looks must not go unseen.
    ever: usize,
}

/// Keeps one connection in the count.
struct OpenConnection(Clients);

impl Default for Clients {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(Count::default())))
    }
}

impl Clients {
    fn enter(&self) -> OpenConnection {
        self.0.send_modify(|count| {
            count.open += 1;
            count.ever += 1;
        });
        OpenConnection(self.clone())
    }

    /// Whether a first client comes within `patience`.
    pub async fn arrive_within(&self, patience: Duration) -> bool {
        let mut count = self.0.subscribe();
        timeout(patience, count.wait_for(|count| count.ever > 0)).await.is_ok()
    }

    /// Completes when no connection has been open for `grace` without a new one.
    pub async fn all_gone_for(&self, grace: Duration) {
        let mut count = self.0.subscribe();
        loop {
            let Ok(seen) = count.wait_for(|count| count.open == 0).await.map(|count| count.ever) else {
                return;
            };
            if timeout(grace, count.wait_for(|count| count.ever > seen)).await.is_err() {
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

    const ENOUGH: Duration = Duration::from_mins(1);

    /// Whether `work` is already done.
    async fn is_done(work: impl Future<Output = ()>) -> bool {
        timeout(Duration::ZERO, work).await.is_ok()
    }

    #[tokio::test]
    async fn nobody_arrives_where_nobody_comes() {
        assert!(!Clients::default().arrive_within(Duration::from_millis(1)).await);
    }

    #[tokio::test]
    async fn a_client_that_came_and_went_has_arrived() {
        let clients = Clients::default();
        drop(clients.enter());
        assert!(clients.arrive_within(ENOUGH).await);
    }

    #[tokio::test]
    async fn clients_are_gone_only_when_the_last_one_is() {
        let clients = Clients::default();
        let (first, second) = (clients.enter(), clients.enter());
        drop(first);
        assert!(!is_done(clients.all_gone_for(Duration::ZERO)).await);
        drop(second);
        clients.all_gone_for(Duration::ZERO).await;
    }

    #[tokio::test]
    async fn a_client_within_the_grace_keeps_the_others_absence_from_counting() {
        let clients = Clients::default();
        let gone = clients.all_gone_for(ENOUGH);
        tokio::pin!(gone);
        drop(clients.enter());
        assert!(!is_done(gone.as_mut()).await);
        let _returned = clients.enter();
        assert!(!is_done(gone.as_mut()).await);
    }
}
