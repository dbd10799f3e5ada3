//! A port of this machine that refuses connections for as long as a test needs it.

use tokio::net::TcpSocket;

/// Bound but not listening: a port that is only closed could be given to a server of another test.
pub struct ClosedPort {
    _socket: TcpSocket,
    origin: String,
}

impl ClosedPort {
    pub fn new() -> Self {
        Self::bind("127.0.0.1:0")
    }

    /// Refuses connections to `address`, which nothing may listen on.
    pub fn bind(address: &str) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        // Connections that have just ended may still hold the address.
        #[cfg(unix)]
        socket.set_reuseaddr(true).unwrap();
        socket.bind(address.parse().unwrap()).unwrap();
        let origin = format!("http://{}", socket.local_addr().unwrap());
        Self { _socket: socket, origin }
    }

    /// Its address as a root of Graph.
    pub fn origin(&self) -> &str {
        &self.origin
    }
}
