//! A failed sign-in: the method and the failure. Never holds a secret. [`super::explanation`] writes the message.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::transport;

use super::claims::Claims;
use super::selected_method::SelectedMethod;

/// A failed sign-in. Clones share one value, because all callers that waited for the sign-in get the same error.
#[derive(Debug, Clone)]
pub struct Error {
    shared: Arc<SharedError>,
}

#[derive(Debug)]
struct SharedError {
    selected_method: SelectedMethod,
    failure: SignInFailure,
    is_reported: AtomicBool,
}

/// Why a sign-in failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SignInFailure {
    /// The authority or a metadata service answered with an error response.
    #[error("{0}")]
    Rejected(Box<ErrorResponse>),
    /// No complete response arrived, because of name resolution, the connection, a proxy, TLS, a timeout or the size of
    /// the response.
    #[error("{service} did not answer: {cause}")]
    NoResponse {
        /// The host.
        service: String,
        /// Why there is no response.
        cause: transport::TransportError,
    },
    /// A complete response that the service does not document, often from a proxy.
    #[error("{service} answered {status} with {excerpt:?}")]
    UnexpectedResponse {
        /// The host.
        service: String,
        /// The HTTP status.
        status: u16,
        /// At most 120 characters of the body on one line, secrets redacted.
        excerpt: String,
    },
    /// A success status without a usable token. The body is discarded, because it may hold a token in an unexpected
    /// place.
    #[error("{service} answered {status} without a usable token: {shape}")]
    MissingToken {
        /// The host.
        service: String,
        /// The HTTP status.
        status: u16,
        /// Length, content type and member names of the body.
        shape: String,
    },
    /// The value of an input cannot be used.
    #[error("{input} cannot be used: {reason}")]
    InvalidInput {
        /// The name of the input, such as `client_certificate_path`.
        input: &'static str,
        /// Why the value cannot be used.
        reason: String,
    },
    /// The program that prints the token failed.
    #[error("{program} failed: {message}")]
    ProgramFailed {
        /// The name of the program: `az`.
        program: &'static str,
        /// The program's error message, on one line, secrets redacted.
        message: String,
    },
    /// The pipeline service issued no OIDC token, so no request was sent to the authority.
    #[error("{provider} issued no OIDC token: {cause}")]
    NoOidcToken {
        /// The name of the pipeline service, such as `GitHub Actions`.
        provider: &'static str,
        /// Why the pipeline service issued no token.
        cause: Box<SignInFailure>,
    },
    /// The sign-in reached its time limit.
    #[error("{service} did not answer within {} seconds", limit.as_secs())]
    TimedOut {
        /// The host, or the program.
        service: String,
        /// The time limit.
        limit: Duration,
    },
}

/// An error response of the authority ("Microsoft identity platform and OAuth 2.0 client credentials flow", error
/// response) or of a metadata service.
#[derive(Debug, Clone, Default)]
pub struct ErrorResponse {
    /// The host.
    pub service: String,
    /// The HTTP status.
    pub status: u16,
    /// The OAuth error, such as `invalid_client`.
    pub error: String,
    /// The description of the error, on one line, secrets redacted.
    pub description: String,
    /// The numbers after `AADSTS`, most specific first.
    pub codes: Vec<u32>,
    /// Identifies the request to Microsoft's support.
    pub trace_id: Option<String>,
    /// Identifies the sign-in in Entra's logs and to Microsoft's support.
    pub correlation_id: Option<String>,
    /// The time of the error as received, such as `2026-01-31 09:12:44Z`.
    pub timestamp: Option<String>,
    /// The claims of the assertion that was sent, if they can be parsed. Issuer, subject and audience must match the
    /// federated identity credential.
    pub presented_claims: Option<Box<Claims>>,
}

impl Error {
    /// An error that has not been reported yet.
    pub fn new(selected_method: SelectedMethod, failure: SignInFailure) -> Self {
        let is_reported = AtomicBool::new(false);
        Self { shared: Arc::new(SharedError { selected_method, failure, is_reported }) }
    }

    /// The method that failed.
    pub fn selected_method(&self) -> &SelectedMethod {
        &self.shared.selected_method
    }

    /// Why the sign-in failed.
    pub fn failure(&self) -> &SignInFailure {
        &self.shared.failure
    }

    /// Marks the error as reported. Returns true only for the first call: the first caller shows the whole message, and
    /// later callers refer to it.
    pub fn mark_reported(&self) -> bool {
        !self.shared.is_reported.swap(true, Ordering::Relaxed)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "signing in with {} failed: {}", self.selected_method().name, self.failure())
    }
}

impl std::error::Error for Error {}

impl fmt::Display for ErrorResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} refused: status {}, {}: {}", self.service, self.status, self.error, self.description)
    }
}
