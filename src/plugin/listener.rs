//! Where Terraform connects: a unix socket, or on Windows a TCP port of the loopback interface. What happens to a
//! connection is in [`super::accept`].

use std::io;

use crate::plugin::environment::Environment;
use crate::plugin::error::Error;

/// A connection as the system gives it.
#[cfg(unix)]
pub type Socket = tokio::net::UnixStream;
/// A connection as the system gives it.
#[cfg(windows)]
pub type Socket = tokio::net::TcpStream;

/// The two fields by which a handshake line or a reattach value names a place to connect to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// `unix` or `tcp`.
    pub network: &'static str,
    /// A socket's path, or `127.0.0.1:PORT`.
    pub location: String,
}

/// The open door. Dropping it removes what it left in the file system.
#[derive(Debug)]
pub struct Listener {
    address: Address,
    #[cfg(unix)]
    door: crate::plugin::unix_socket::UnixSocket,
    #[cfg(windows)]
    door: tokio::net::TcpListener,
}

impl Listener {
    /// Where it listens.
    pub fn address(&self) -> &Address {
        &self.address
    }
}

#[cfg(unix)]
impl Listener {
    /// Makes the socket in a directory of its own. Needs a runtime.
    pub fn open(environment: &Environment) -> Result<Self, Error> {
        let door = crate::plugin::unix_socket::UnixSocket::open(environment)?;
        Ok(Self { address: Address { network: "unix", location: door.path().to_owned() }, door })
    }

    /// The next connection.
    pub async fn accept(&self) -> io::Result<Socket> {
        self.door.accept().await
    }
}

#[cfg(windows)]
impl Listener {
    /// Binds the first free port of the range that Terraform gives. Needs a runtime.
    pub fn open(environment: &Environment) -> Result<Self, Error> {
        use crate::plugin::ports::PortRange;

        let range = PortRange::parse(environment.min_port.as_deref(), environment.max_port.as_deref())?;
        let (door, location) = range.bind_first_free(|port| {
            let listener = std::net::TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, port))?;
            listener.set_nonblocking(true)?;
            let location = listener.local_addr()?.to_string();
            Ok((tokio::net::TcpListener::from_std(listener)?, location))
        })?;
        Ok(Self { address: Address { network: "tcp", location }, door })
    }

    /// The next connection. Small messages go back and forth, so none may wait for more to send.
    pub async fn accept(&self) -> io::Result<Socket> {
        let (socket, _) = self.door.accept().await?;
        socket.set_nodelay(true)?;
        Ok(socket)
    }
}
