//! The listening socket: a Unix domain socket, or on Windows a TCP port of the loopback interface. [`super::accept`]
//! accepts the connections.

use std::io;

use crate::plugin::environment::PluginEnvironment;
use crate::plugin::error::Error;

/// An accepted connection.
#[cfg(unix)]
pub type Socket = tokio::net::UnixStream;
/// An accepted connection.
#[cfg(windows)]
pub type Socket = tokio::net::TcpStream;

/// The address fields of a handshake line or reattach value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListenAddress {
    /// `unix` or `tcp`.
    pub network: &'static str,
    /// The path of a socket, or `127.0.0.1:PORT`.
    pub location: String,
}

/// A listening socket. Dropping it removes its files.
#[derive(Debug)]
pub struct Listener {
    address: ListenAddress,
    #[cfg(unix)]
    socket: crate::plugin::unix_socket::UnixSocket,
    #[cfg(windows)]
    socket: tokio::net::TcpListener,
}

impl Listener {
    /// The address of the socket.
    pub fn address(&self) -> &ListenAddress {
        &self.address
    }
}

#[cfg(unix)]
impl Listener {
    /// Creates the socket in a private directory. Needs a Tokio runtime.
    pub fn open(environment: &PluginEnvironment) -> Result<Self, Error> {
        let socket = crate::plugin::unix_socket::UnixSocket::open(environment)?;
        Ok(Self { address: ListenAddress { network: "unix", location: socket.path().to_owned() }, socket })
    }

    /// Accepts the next connection.
    pub async fn accept(&self) -> io::Result<Socket> {
        self.socket.accept().await
    }
}

#[cfg(windows)]
impl Listener {
    /// Binds the first free port of the range from the environment. Needs a Tokio runtime.
    pub fn open(environment: &PluginEnvironment) -> Result<Self, Error> {
        use crate::plugin::ports::PortRange;

        let range = PortRange::parse(environment.min_port.as_deref(), environment.max_port.as_deref())?;
        let (socket, location) = range.bind_first_free(|port| {
            let listener = std::net::TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, port))?;
            listener.set_nonblocking(true)?;
            let location = listener.local_addr()?.to_string();
            Ok((tokio::net::TcpListener::from_std(listener)?, location))
        })?;
        Ok(Self { address: ListenAddress { network: "tcp", location }, socket })
    }

    /// Accepts the next connection. Messages are small, so Nagle's algorithm is disabled.
    pub async fn accept(&self) -> io::Result<Socket> {
        let (socket, _) = self.socket.accept().await?;
        socket.set_nodelay(true)?;
        Ok(socket)
    }
}
