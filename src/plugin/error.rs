//! What can keep the process from starting. Once it serves, nothing here can happen any more.

use std::io;
use std::path::PathBuf;

/// A reason not to start. Each is the user's, or the environment's, to act on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The magic cookie is missing or another one.
    #[error("it was not started by Terraform or OpenTofu")]
    NotStartedByTerraform,
    /// `PLUGIN_CLIENT_CERT` holds no certificate.
    #[error("the certificate in PLUGIN_CLIENT_CERT cannot be read: {0}")]
    ClientCertificate(String),
    /// Our own certificate could not be made.
    #[error("its TLS certificate cannot be made: {0}")]
    OwnCertificate(#[from] rcgen::Error),
    /// The TLS settings are contradictory.
    #[error("TLS cannot be set up: {0}")]
    Tls(#[from] rustls::Error),
    /// No directory can hold the socket.
    #[error("no socket can be made in {}: {reason}", .directory.display())]
    Socket {
        /// Where it was tried last.
        directory: PathBuf,
        /// Why not, with what would help.
        reason: String,
    },
    /// `PLUGIN_UNIX_SOCKET_GROUP` names no group of this machine, or one that we may not hand the socket to.
    #[error("the socket cannot be given to the group in PLUGIN_UNIX_SOCKET_GROUP, \"{group}\": {reason}")]
    SocketGroup {
        /// The name or number as given.
        group: String,
        /// Why not.
        reason: String,
    },
    /// `PLUGIN_MIN_PORT` and `PLUGIN_MAX_PORT` are not a range of ports.
    #[error("PLUGIN_MIN_PORT \"{min}\" and PLUGIN_MAX_PORT \"{max}\" are not a range of ports")]
    PortRange {
        /// The lower end as given.
        min: String,
        /// The upper end as given.
        max: String,
    },
    /// Every port of the range is taken.
    #[error("no port of 127.0.0.1 from {first} to {last} is free: {source}")]
    NoFreePort {
        /// The lower end.
        first: u16,
        /// The upper end.
        last: u16,
        /// What the last attempt said.
        source: io::Error,
    },
    /// The asynchronous runtime.
    #[error("the runtime cannot be made: {0}")]
    Runtime(#[source] io::Error),
    /// The signal handlers.
    #[error("signals cannot be received: {0}")]
    Signals(#[source] io::Error),
    /// Whoever started us does not read stdout.
    #[error("the handshake cannot be written to stdout: {0}")]
    StandardOutput(#[source] io::Error),
}
