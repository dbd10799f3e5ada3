//! The settings of an emulator.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use super::semantics::Semantics;

/// The settings of an emulator.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where to listen; port 0 takes a free one. Default `127.0.0.1:0`.
    pub listen: SocketAddr,
    /// How long every HTTP request waits before it is served; an item of a batch does not wait again. Default
    /// none.
    pub latency: Duration,
    /// The most rows on a page, of every collection. Default: as the service, 1000 for Intune and 100 for
    /// groups.
    pub page_size: Option<usize>,
    /// Whether Intune's published limits are enforced; they are counted always. Default no.
    pub limits: bool,
    /// Whether Graph takes only tokens that the emulator has issued; otherwise any text stands for every permission,
    /// and the claims of any JWT are believed. Default no.
    pub require_sign_in: bool,
    /// The file that the tenant comes from, for messages. Default none.
    pub tenant_file: Option<PathBuf>,
    /// The answers to open questions about the service.
    pub semantics: Semantics,
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
        }
    }
}
