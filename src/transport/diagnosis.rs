//! What most likely stands between us and a service that gave no whole answer, and what to do about it. Decides
//! nothing about repeating.
//!
//! Libraries tell a refused proxy and an unknown name by text only, so those two are found by words; everything else
//! by types.

use std::error::Error as StdError;
use std::io;

use super::problem::{Cause, Problem};

/// The likely reason, as far as it can be told from here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Diagnosis {
    /// The other side's certificate comes from an authority that is not trusted here.
    UntrustedCertificate,
    /// The other side's certificate is not good for this name or this day.
    UnfitCertificate,
    /// TLS came to nothing for another reason.
    Tls,
    /// The proxy did not let us through.
    Proxy,
    /// The name has no address here.
    Name,
    /// Nobody listens there.
    RefusedConnection,
    /// No sign of life in time.
    TimedOut,
    /// The HTTP client could not be set up: most often its certificates could not be read.
    NotBuilt,
    /// Anything else.
    Unclear,
}

impl Diagnosis {
    /// Looks through a problem and all that lies beneath it.
    pub fn of(problem: &Problem) -> Self {
        match problem {
            Problem::NotBuilt(_) => Self::NotBuilt,
            Problem::NotReached(cause) | Problem::Lost(cause) => Self::of_cause(cause),
            Problem::UnfitBearer | Problem::TooLarge { .. } => Self::Unclear,
        }
    }

    /// The same for what lies beneath.
    pub fn of_cause(cause: &Cause) -> Self {
        let top: &(dyn StdError + 'static) = &**cause;
        let mut found = Self::Unclear;
        visit(top, &mut |error| {
            if found == Self::Unclear {
                found = Self::of_one(error);
            }
        });
        found
    }

    /// What to do, as a sentence without its end. `None` if nothing better than looking at the network can be said.
    pub fn advice(self) -> Option<&'static str> {
        Some(match self {
            Self::UntrustedCertificate => {
                "does a proxy inspect TLS on the way? If so, set the environment variable SSL_CERT_FILE to a PEM file \
                 that holds its CA certificate beside the usual ones"
            }
            Self::UnfitCertificate => {
                "check the clock of this machine, and whether the address or a proxy on the way leads to another host"
            }
            Self::Tls => "check whether a proxy or firewall on the way breaks TLS connections",
            Self::Proxy => {
                "check HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY, the proxy's user and password, and whether it \
                 allows this host"
            }
            Self::Name => {
                "check the spelling of the host, DNS, and whether this network needs a proxy (HTTPS_PROXY)"
            }
            Self::RefusedConnection => "check host and port, the firewall, and the proxy variables",
            Self::TimedOut => "check the firewall, and whether this network needs a proxy (HTTPS_PROXY)",
            Self::NotBuilt => {
                "correct or unset SSL_CERT_FILE and SSL_CERT_DIR, or install the system's CA certificates"
            }
            Self::Unclear => return None,
        })
    }

    /// Whether the same request could fare better a moment later.
    pub fn may_pass(self) -> bool {
        !matches!(self, Self::UntrustedCertificate | Self::UnfitCertificate | Self::NotBuilt)
    }

    fn of_one(error: &(dyn StdError + 'static)) -> Self {
        if let Some(error) = error.downcast_ref::<rustls::Error>() {
            return Self::of_tls(error);
        }
        if let Some(error) = error.downcast_ref::<io::Error>() {
            match error.kind() {
                io::ErrorKind::ConnectionRefused => return Self::RefusedConnection,
                io::ErrorKind::TimedOut => return Self::TimedOut,
                _ => {}
            }
        }
        Self::of_text(&error.to_string())
    }

    fn of_tls(error: &rustls::Error) -> Self {
        use rustls::CertificateError as Certificate;
        match error {
            rustls::Error::InvalidCertificate(
                Certificate::Expired
                | Certificate::ExpiredContext { .. }
                | Certificate::NotValidYet
                | Certificate::NotValidYetContext { .. }
                | Certificate::NotValidForName
                | Certificate::NotValidForNameContext { .. },
            ) => Self::UnfitCertificate,
            // The verifiers of Windows and macOS have words of their own for an unknown authority.
            rustls::Error::InvalidCertificate(_) => Self::UntrustedCertificate,
            _ => Self::Tls,
        }
    }

    fn of_text(text: &str) -> Self {
        let has = |part| text.contains(part);
        if has("tunnel error") || has("proxy authorization") || has("tunnel failed") {
            Self::Proxy
        } else if has("dns error") || has("failed to lookup address") {
            Self::Name
        } else if has("timed out") {
            Self::TimedOut
        } else {
            Self::Unclear
        }
    }
}

/// Visits an error and everything beneath. An `io::Error` hides what it holds from `source`.
fn visit(error: &(dyn StdError + 'static), see: &mut dyn FnMut(&(dyn StdError + 'static))) {
    see(error);
    if let Some(inner) = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        visit(inner, see);
    } else if let Some(source) = error.source() {
        visit(source, see);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[derive(Debug, thiserror::Error)]
    #[error("client error (Connect)")]
    struct Outer(#[source] io::Error);

    fn beneath(error: io::Error) -> Diagnosis {
        Diagnosis::of(&Problem::NotReached(Arc::new(Outer(error))))
    }

    #[test]
    fn the_reason_is_found_however_deep_it_lies() {
        use rustls::CertificateError::{Expired, UnknownIssuer};
        let tls = |error| io::Error::other(rustls::Error::InvalidCertificate(error));
        for (error, expected) in [
            (tls(UnknownIssuer), Diagnosis::UntrustedCertificate),
            (io::Error::other(tls(UnknownIssuer)), Diagnosis::UntrustedCertificate),
            (tls(Expired), Diagnosis::UnfitCertificate),
            (io::Error::other(rustls::Error::DecryptError), Diagnosis::Tls),
            (io::ErrorKind::ConnectionRefused.into(), Diagnosis::RefusedConnection),
            (io::ErrorKind::TimedOut.into(), Diagnosis::TimedOut),
            (io::Error::other("tunnel error: unsuccessful"), Diagnosis::Proxy),
            (io::Error::other("dns error"), Diagnosis::Name),
            (io::Error::other("something else"), Diagnosis::Unclear),
        ] {
            let text = error.to_string();
            assert_eq!(beneath(error), expected, "{text}");
        }
    }

    #[test]
    fn a_certificate_does_not_get_better_by_asking_again() {
        for (diagnosis, may_pass) in [
            (Diagnosis::UntrustedCertificate, false),
            (Diagnosis::NotBuilt, false),
            (Diagnosis::RefusedConnection, true),
            (Diagnosis::Unclear, true),
        ] {
            assert_eq!(diagnosis.may_pass(), may_pass, "{diagnosis:?}");
        }
    }
}
