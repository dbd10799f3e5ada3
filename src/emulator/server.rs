//! Accepts connections: a bound on their number, the TLS handshake, and time limits for clients that send nothing.
//! What a request means is in `http`.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, oneshot};
use tokio_rustls::TlsAcceptor;

use super::connection::AbortableConnection;
use super::http::{self, ClientConnection};
use super::service::EmulatedService;

/// How many clients can be connected. Others wait until one disconnects, so idle clients cannot use up the memory.
const MAX_CONNECTIONS: usize = 512;

/// The size of a request's head, which is also the read buffer of a connection.
const MAX_HEAD_BYTES: usize = 64 * 1024;

/// The streams of an HTTP/2 connection that are served at the same time.
const MAX_STREAMS: u32 = 64;

/// The pause after a failed `accept`, for example when the process has too many open files.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves until `stopped` resolves or its sender is dropped.
pub async fn serve(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    service: Arc<EmulatedService>,
    stopped: oneshot::Receiver<()>,
) {
    tokio::select! {
        () = accept_all(listener, tls, service) => {}
        _ = stopped => {}
    }
}

async fn accept_all(listener: TcpListener, tls: Option<TlsAcceptor>, service: Arc<EmulatedService>) {
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    loop {
        // The semaphore is never closed.
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        let (tls, service) = (tls.clone(), Arc::clone(&service));
        tokio::spawn(async move {
            // A connection that is closed already has no address.
            if let Ok(local) = stream.local_addr() {
                let is_tls = tls.is_some();
                if let Some(connection) = open(stream, tls, service.options.client_timeout).await {
                    let client = ClientConnection { abort: connection.abort_handle(), local, tls: is_tls };
                    serve_connection(connection, client, service).await;
                }
            }
            drop(place);
        });
    }
}

/// The connection after the TLS handshake, if there is one; `None` if the handshake failed or took too long.
async fn open(stream: TcpStream, tls: Option<TlsAcceptor>, limit: Duration) -> Option<AbortableConnection> {
    let _ = stream.set_nodelay(true);
    let Some(acceptor) = tls else { return Some(AbortableConnection::plain(stream, limit)) };
    let handshake = tokio::time::timeout(limit, acceptor.accept(stream)).await;
    handshake.ok()?.ok().map(|stream| AbortableConnection::tls(stream, limit))
}

async fn serve_connection(
    connection: AbortableConnection,
    client: ClientConnection,
    service: Arc<EmulatedService>,
) {
    let limit = service.options.client_timeout;
    let answer = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
        let (service, client) = (Arc::clone(&service), client.clone());
        async move { Ok::<_, Infallible>(http::answer(&service, &client, request.map(Body::new)).await) }
    });
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(limit).max_buf_size(MAX_HEAD_BYTES);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(limit)
        .max_concurrent_streams(MAX_STREAMS)
        .max_header_list_size(u32::try_from(MAX_HEAD_BYTES).unwrap_or(u32::MAX));
    // An error here is the client's: it closed the connection or sent no HTTP.
    let _ = builder.serve_connection(TokioIo::new(connection), answer).await;
}
