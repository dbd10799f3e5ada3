//! A connection, with or without TLS, that can be closed before a response leaves, for the test fault `cut`. Knows no
//! HTTP.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Sleep;
use tokio_rustls::server::TlsStream;

/// Closes the connection that it belongs to.
#[derive(Clone, Debug, Default)]
pub struct ConnectionAbort(Arc<AtomicBool>);

/// One connection.
#[derive(Debug)]
pub struct AbortableConnection {
    stream: Stream,
    abort: ConnectionAbort,
    opening: Option<Opening>,
}

/// The first bytes of a connection. Until they have arrived, the server cannot tell HTTP/1.1 from HTTP/2, and no other
/// time limit applies.
#[derive(Debug)]
struct Opening {
    missing: usize,
    deadline: Pin<Box<Sleep>>,
}

/// The length of the preface of HTTP/2. No request of HTTP/1.1 that is answered is shorter.
const PREFACE_BYTES: usize = 24;

#[derive(Debug)]
enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl ConnectionAbort {
    /// Lets every later write to the connection fail, so the server closes it.
    pub fn abort(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn check(&self) -> io::Result<()> {
        if self.0.load(Ordering::Relaxed) { Err(io::ErrorKind::ConnectionAborted.into()) } else { Ok(()) }
    }
}

impl AbortableConnection {
    /// A connection without TLS, whose first bytes must arrive within `limit`.
    pub fn plain(stream: TcpStream, limit: Duration) -> Self {
        Self::new(Stream::Plain(stream), limit)
    }

    /// A connection after its TLS handshake, whose next bytes must arrive within `limit`.
    pub fn tls(stream: TlsStream<TcpStream>, limit: Duration) -> Self {
        Self::new(Stream::Tls(Box::new(stream)), limit)
    }

    fn new(stream: Stream, limit: Duration) -> Self {
        let opening = Opening { missing: PREFACE_BYTES, deadline: Box::pin(tokio::time::sleep(limit)) };
        Self { stream, abort: ConnectionAbort::default(), opening: Some(opening) }
    }

    /// What closes this connection.
    pub fn abort_handle(&self) -> ConnectionAbort {
        self.abort.clone()
    }
}

impl AsyncRead for AbortableConnection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_read(context, buffer),
            Stream::Tls(stream) => Pin::new(stream).poll_read(context, buffer),
        };
        let Some(opening) = &mut self.opening else { return read };
        if read.is_pending() {
            return opening.deadline.as_mut().poll(context).map(|()| Err(io::ErrorKind::TimedOut.into()));
        }
        opening.missing = opening.missing.saturating_sub(buffer.filled().len() - before);
        if opening.missing == 0 {
            self.opening = None;
        }
        read
    }
}

impl AsyncWrite for AbortableConnection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.abort.check()?;
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_write(context, bytes),
            Stream::Tls(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.abort.check()?;
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_flush(context),
            Stream::Tls(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Stream::Tls(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}
