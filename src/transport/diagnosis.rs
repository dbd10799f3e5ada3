//! The likely cause of a transport error, and what to do about it. Decides nothing about retries.
//!
//! Libraries report some causes, such as a refused proxy or an unknown host name, as text only. This module recognizes
//! them by their text, and all other causes by the type of the error.

use std::error::Error as StdError;
use std::io;

use super::error::{SharedError, TransportError};

/// The likely cause of a transport error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Diagnosis {
    /// The certificate of the other side comes from an authority that this machine does not trust.
    UntrustedCertificate,
    /// The certificate of the other side is not valid for the host name or the current time.
    InvalidCertificate,
    /// The TLS handshake failed for another reason.
    Tls,
    /// The proxy refused the connection.
    Proxy,
    /// The host name could not be resolved.
    NameResolution,
    /// The other side refused the connection.
    ConnectionRefused,
    /// No response arrived in time.
    TimedOut,
    /// The HTTP client could not be built, most often because its certificates could not be read.
    NotBuilt,
    /// Anything else.
    Unknown,
}

impl Diagnosis {
    /// Diagnoses an error and its sources.
    pub fn from_error(error: &TransportError) -> Self {
        match error {
            TransportError::NotBuilt(_) => Self::NotBuilt,
            TransportError::NotReached(cause) | TransportError::ResponseLost(cause) => {
                Self::from_cause(cause)
            }
            TransportError::InvalidHeaderValue | TransportError::TooLarge { .. } => Self::Unknown,
        }
    }

    /// Diagnoses the cause of an error.
    pub fn from_cause(cause: &SharedError) -> Self {
        let top: &(dyn StdError + 'static) = &**cause;
        let mut diagnosis = Self::Unknown;
        visit_chain(top, &mut |error| {
            if diagnosis == Self::Unknown {
                diagnosis = Self::from_one_error(error);
            }
        });
        diagnosis
    }

    /// What the user can do, without a period at the end. `None` if there is nothing more specific than a check of the
    /// network.
    pub fn advice(self) -> Option<&'static str> {
        Some(match self {
            Self::UntrustedCertificate => {
                "does a proxy inspect TLS on the way? If so, set the environment variable SSL_CERT_FILE to a PEM file \
                 that holds its CA certificate beside the usual ones"
            }
            Self::InvalidCertificate => {
                "check the clock of this machine, and whether the address or a proxy on the way leads to another host"
            }
            Self::Tls => "check whether a proxy or firewall on the way breaks TLS connections",
            Self::Proxy => {
                "check HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY, the proxy's user and password, and whether it \
                 allows this host"
            }
            Self::NameResolution => {
                "check the spelling of the host, DNS, and whether this network needs a proxy (HTTPS_PROXY)"
            }
            Self::ConnectionRefused => "check host and port, the firewall, and the proxy variables",
            Self::TimedOut => "check the firewall, and whether this network needs a proxy (HTTPS_PROXY)",
            Self::NotBuilt => {
                "install the system's CA certificates (on Linux the package ca-certificates), or set SSL_CERT_FILE to a PEM \
                 file of trusted CA certificates; if SSL_CERT_FILE or SSL_CERT_DIR is set, correct or unset it"
            }
            Self::Unknown => return None,
        })
    }

    /// Whether the same request could succeed shortly afterward.
    pub fn is_transient(self) -> bool {
        !matches!(self, Self::UntrustedCertificate | Self::InvalidCertificate | Self::NotBuilt)
    }

    fn from_one_error(error: &(dyn StdError + 'static)) -> Self {
        if let Some(error) = error.downcast_ref::<rustls::Error>() {
            return Self::from_tls(error);
        }
        if let Some(error) = error.downcast_ref::<io::Error>() {
            match error.kind() {
                io::ErrorKind::ConnectionRefused => return Self::ConnectionRefused,
                io::ErrorKind::TimedOut => return Self::TimedOut,
                _ => {}
            }
        }
        Self::from_text(&error.to_string())
    }

    fn from_tls(error: &rustls::Error) -> Self {
        use rustls::CertificateError as Certificate;
        match error {
            rustls::Error::InvalidCertificate(
                Certificate::Expired
                | Certificate::ExpiredContext { .. }
                | Certificate::NotValidYet
                | Certificate::NotValidYetContext { .. }
                | Certificate::NotValidForName
                | Certificate::NotValidForNameContext { .. },
            ) => Self::InvalidCertificate,
            // The verifiers of Windows and macOS report an unknown authority with errors of their own.
            rustls::Error::InvalidCertificate(_) => Self::UntrustedCertificate,
            _ => Self::Tls,
        }
    }

    fn from_text(text: &str) -> Self {
        let contains = |part| text.contains(part);
        if contains("tunnel error") || contains("proxy authorization") || contains("tunnel failed") {
            Self::Proxy
        } else if contains("dns error") || contains("failed to lookup address") {
            Self::NameResolution
        } else if contains("timed out") {
            Self::TimedOut
        } else {
            Self::Unknown
        }
    }
}

/// Visits an error and its sources. Visits the error inside an `io::Error` explicitly, because `io::Error::source`
/// skips that error.
fn visit_chain(error: &(dyn StdError + 'static), visitor: &mut dyn FnMut(&(dyn StdError + 'static))) {
    visitor(error);
    if let Some(inner) = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        visit_chain(inner, visitor);
    } else if let Some(source) = error.source() {
        visit_chain(source, visitor);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[derive(Debug, thiserror::Error)]
    #[error("client error (Connect)")]
    struct Outer(#[source] io::Error);

    fn diagnose(error: io::Error) -> Diagnosis {
        Diagnosis::from_error(&TransportError::NotReached(Arc::new(Outer(error))))
    }

    #[test]
    fn the_cause_is_found_at_any_depth() {
        use rustls::CertificateError::{Expired, UnknownIssuer};
        let tls = |error| io::Error::other(rustls::Error::InvalidCertificate(error));
        for (error, expected) in [
            (tls(UnknownIssuer), Diagnosis::UntrustedCertificate),
            (io::Error::other(tls(UnknownIssuer)), Diagnosis::UntrustedCertificate),
            (tls(Expired), Diagnosis::InvalidCertificate),
            (io::Error::other(rustls::Error::DecryptError), Diagnosis::Tls),
            (io::ErrorKind::ConnectionRefused.into(), Diagnosis::ConnectionRefused),
            (io::ErrorKind::TimedOut.into(), Diagnosis::TimedOut),
            (io::Error::other("tunnel error: unsuccessful"), Diagnosis::Proxy),
            (io::Error::other("dns error"), Diagnosis::NameResolution),
            (io::Error::other("something else"), Diagnosis::Unknown),
        ] {
            let text = error.to_string();
            assert_eq!(diagnose(error), expected, "{text}");
        }
    }

    #[test]
    fn certificate_errors_are_not_transient() {
        for (diagnosis, is_transient) in [
            (Diagnosis::UntrustedCertificate, false),
            (Diagnosis::NotBuilt, false),
            (Diagnosis::ConnectionRefused, true),
            (Diagnosis::Unknown, true),
        ] {
            assert_eq!(diagnosis.is_transient(), is_transient, "{diagnosis:?}");
        }
    }
}
