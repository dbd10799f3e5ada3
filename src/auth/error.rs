//! A failed sign-in: the method, and what went wrong. Never holds a secret. [`super::explanation`] words the message.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::transport;

use super::claims::Claims;
use super::selected_method::SelectedMethod;

/// A failed sign-in. Clones share one value: all callers that waited for a sign-in get the same error.
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

/// What went wrong.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SignInFailure {
    /// The authority or a metadata service answered with an error response.
    #[error("{0}")]
    Rejected(Box<ErrorResponse>),
    /// No complete response: name resolution, connection, proxy, TLS, time.
    #[error("{service} did not answer: {cause}")]
    NoResponse {
        /// The host.
        service: String,
        /// Why there is no response.
        cause: transport::TransportError,
    },
    /// A complete response that is not the documented one, often from a proxy.
    #[error("{service} answered {status} with {excerpt:?}")]
    UnexpectedResponse {
        /// The host.
        service: String,
        /// The HTTP status.
        status: u16,
        /// At most 120 characters of the body on one line, secrets redacted.
        excerpt: String,
    },
    /// A success without a usable token. The body may hold one in an unexpected place, so none of it is kept.
    #[error("{service} answered {status} without a usable token: {shape}")]
    MissingToken {
        /// The host.
        service: String,
        /// The HTTP status.
        status: u16,
        /// Length, content type and member names of the body.
        shape: String,
    },
    /// An input cannot be used.
    #[error("{input} cannot be used: {reason}")]
    InvalidInput {
        /// The input: `client_certificate_path`.
        input: &'static str,
        /// The rule and what was found.
        reason: String,
    },
    /// A program that prints the token failed.
    #[error("{program} failed: {message}")]
    ProgramFailed {
        /// `az`.
        program: &'static str,
        /// Its error message, on one line, secrets redacted.
        message: String,
    },
    /// The pipeline service gave no OIDC token, so no request was sent to the authority.
    #[error("{provider} gave no OIDC token: {cause}")]
    NoOidcToken {
        /// `GitHub Actions`.
        provider: &'static str,
        /// Why.
        cause: Box<SignInFailure>,
    },
    /// The time limit of the sign-in passed.
    #[error("{service} did not answer within {} seconds", limit.as_secs())]
    TimedOut {
        /// The host, or the program.
        service: String,
        /// The limit.
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
    /// `invalid_client`.
    pub error: String,
    /// On one line, secrets redacted.
    pub description: String,
    /// The numbers after `AADSTS`, most specific first.
    pub codes: Vec<u32>,
    /// For support.
    pub trace_id: Option<String>,
    /// For support.
    pub correlation_id: Option<String>,
    /// As received: `2026-01-31 09:12:44Z`.
    pub timestamp: Option<String>,
    /// The claims of the presented assertion, if it can be parsed. The federated identity credential must match its
    /// subject, issuer and audience.
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

    /// What went wrong.
    pub fn failure(&self) -> &SignInFailure {
        &self.shared.failure
    }

    /// Marks the error as reported. Returns true for the first call, whose caller shows the whole message; later
    /// callers refer to that one.
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
