//! The contents of a PFX or PEM file, before the keys and certificates are matched.

use rustls_pki_types::{CertificateDer, PrivateKeyDer};

/// Every key and certificate of a file. Does not implement `Debug`, because it holds private keys.
pub(super) struct Contents {
    pub(super) keys: Vec<PrivateKeyDer<'static>>,
    pub(super) certificates: Vec<CertificateDer<'static>>,
}
