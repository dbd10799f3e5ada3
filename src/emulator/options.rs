//! The settings of an emulator.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use super::semantics::Semantics;
use super::tls::TlsOptions;

/// The settings of an emulator.
#[derive(Clone, Debug)]
pub struct Options {
    /// The address to listen on; port 0 selects a free one. Default `127.0.0.1:0`.
    pub listen: SocketAddr,
    /// The delay before each HTTP request is served; batch items are not delayed again. Default none.
    pub latency: Duration,
    /// The maximum page size of every collection. Default: as in the service, 1000 for Intune and 100 for
    /// groups.
    pub page_size: Option<usize>,
    /// Whether Intune's published limits are enforced; requests are always counted. Default no.
    pub limits: bool,
    /// Whether Graph accepts only tokens that the emulator issued. Otherwise a JWT has the permissions that
    /// it names, and any other text is a token with every permission. Default no.
    pub require_sign_in: bool,
    /// The tenant file, for messages. Default none.
    pub tenant_file: Option<PathBuf>,
    /// The choices for open questions about the service.
    pub semantics: Semantics,
    /// Serves https instead of http. Default no.
    pub tls: Option<TlsOptions>,
    /// Decides everything random in the answers: ids, the order of rows and of the items of a batch. A reset starts it
    /// over. Default: another one at each start.
    pub seed: u64,
    /// How long a client may take for a TLS handshake, for the head of a request and for its body, and how long an idle
    /// connection stays open. Default 100 seconds, longer than clients keep idle connections.
    pub client_timeout: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            latency: Duration::ZERO,
            page_size: None,
            limits: false,
            require_sign_in: false,
            tenant_file: None,
            semantics: Semantics::default(),
            tls: None,
            seed: fastrand::u64(..),
            client_timeout: Duration::from_secs(100),
        }
    }
}
