//! Errors that prevent the process from starting.

use std::io;
use std::path::PathBuf;

/// Why the process could not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The magic cookie is missing or wrong.
    #[error("it was not started by Terraform or OpenTofu")]
    NotStartedByTerraform,
    /// `PLUGIN_CLIENT_CERT` contains no certificate.
    #[error("the certificate in PLUGIN_CLIENT_CERT cannot be read: {0}")]
    ClientCertificate(String),
    /// The server's certificate could not be created.
    #[error("the TLS certificate cannot be created: {0}")]
    ServerCertificate(#[from] rcgen::Error),
    /// The TLS configuration is invalid.
    #[error("TLS cannot be configured: {0}")]
    Tls(#[from] rustls::Error),
    /// The socket could not be created.
    #[error("the socket cannot be created in {}: {reason}", .directory.display())]
    Socket {
        /// The parent of the socket's directory.
        directory: PathBuf,
        /// The cause, and what would help.
        reason: String,
    },
    /// `PLUGIN_UNIX_SOCKET_GROUP` is not a group of this machine, or the socket may not be given to it.
    #[error("the socket cannot be given to the group in PLUGIN_UNIX_SOCKET_GROUP, \"{group}\": {reason}")]
    SocketGroup {
        /// The name or id of the group.
        group: String,
        /// The cause.
        reason: String,
    },
    /// `PLUGIN_MIN_PORT` and `PLUGIN_MAX_PORT` are not a range of ports.
    #[error("PLUGIN_MIN_PORT \"{min}\" and PLUGIN_MAX_PORT \"{max}\" are not a range of ports")]
    PortRange {
        /// `PLUGIN_MIN_PORT`.
        min: String,
        /// `PLUGIN_MAX_PORT`.
        max: String,
    },
    /// All ports of the range are in use.
    #[error("no port of 127.0.0.1 from {first} to {last} is free: {source}")]
    NoFreePort {
        /// The first port of the range.
        first: u16,
        /// The last port of the range.
        last: u16,
        /// The error of the last attempt.
        source: io::Error,
    },
    /// The asynchronous runtime could not be created.
    #[error("the async runtime cannot be created: {0}")]
    Runtime(#[source] io::Error),
    /// The signal handlers could not be installed.
    #[error("the signal handlers cannot be installed: {0}")]
    Signals(#[source] io::Error),
    /// The parent process does not read stdout.
    #[error("the handshake cannot be written to stdout: {0}")]
    StandardOutput(#[source] io::Error),
}
