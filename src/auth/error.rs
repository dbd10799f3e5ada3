//! A sign-in that failed: by which method, and how. Never holds a secret. Words no diagnostic.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::transport;

use super::attempt::Attempt;
use super::claims::Claims;

/// A sign-in that failed. Cheap to clone: everybody who waited for it gets the same one.
#[derive(Debug, Clone)]
pub struct Error {
    failure: Arc<Failure>,
}

#[derive(Debug)]
struct Failure {
    attempt: Attempt,
    problem: Problem,
    told: AtomicBool,
}

/// What went wrong.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Problem {
    /// The authority answered with an error of its own.
    #[error("{0}")]
    Refused(Box<Refused>),
    /// A service was asked and gave no whole answer: name resolution, connection, proxy, TLS, time.
    #[error("{service} gave no answer: {problem}")]
    NotAnswered {
        /// Who was asked: a host.
        service: String,
        /// Why there is no answer.
        problem: transport::TransportError,
    },
    /// A whole answer that is not the one documented: often from a proxy.
    #[error("{service} answered {status} with {beginning:?}")]
    Undocumented {
        /// Who was asked: a host.
        service: String,
        /// Its status.
        status: u16,
        /// At most 120 characters of the body on one line, secrets covered.
        beginning: String,
    },
    /// A success without a usable token. It may hold one that we do not see, so nothing of the body is kept.
    #[error("{service} answered {status} without a usable token: {shape}")]
    Withheld {
        /// Who was asked: a host.
        service: String,
        /// Its status.
        status: u16,
        /// Length, content type and names of members.
        shape: String,
    },
    /// Something that was given cannot be used.
    #[error("{input} cannot be used: {problem}")]
    Input {
        /// The input: `client_certificate_path`.
        input: &'static str,
        /// The rule and what was found.
        problem: String,
    },
    /// A program that was run for the token failed.
    #[error("{program} failed: {message}")]
    Program {
        /// `az`.
        program: &'static str,
        /// What it said, on one line.
        message: String,
    },
    /// The service that vouches for a pipeline gave no token, so the authority was not asked.
    #[error("{provider} gave no OIDC token: {problem}")]
    NotVouched {
        /// `GitHub Actions`.
        provider: &'static str,
        /// Why.
        problem: Box<Problem>,
    },
    /// Our own limit passed.
    #[error("{service} did not answer within {} seconds", limit.as_secs())]
    TimedOut {
        /// Who was asked.
        service: String,
        /// The limit.
        limit: Duration,
    },
}

/// An error object of the authority ("Microsoft identity platform and OAuth 2.0 client credentials flow", error
/// response).
#[derive(Debug, Clone, Default)]
pub struct Refused {
    /// Who refused: a host.
    pub service: String,
    /// The HTTP status.
    pub status: u16,
    /// `invalid_client`.
    pub error: String,
    /// On one line, secrets covered.
    pub description: String,
    /// The numbers after `AADSTS`, most telling first.
    pub codes: Vec<u32>,
    /// For support.
    pub trace_id: Option<String>,
    /// For support.
    pub correlation_id: Option<String>,
    /// As received: `2026-01-31 09:12:44Z`.
    pub timestamp: Option<String>,
    /// What was presented, if it was an assertion that can be read: subject, issuer and audience are what the
    /// federated identity credential must match.
    pub presented: Option<Box<Claims>>,
}

impl Error {
    /// A failure that nobody has been told of.
    pub fn new(attempt: Attempt, problem: Problem) -> Self {
        Self { failure: Arc::new(Failure { attempt, problem, told: AtomicBool::new(false) }) }
    }

    /// What was tried.
    pub fn attempt(&self) -> &Attempt {
        &self.failure.attempt
    }

    /// What went wrong.
    pub fn problem(&self) -> &Problem {
        &self.failure.problem
    }

    /// True the first time: whoever asks then tells the whole story, and all others refer to it.
    pub fn is_first_told(&self) -> bool {
        !self.failure.told.swap(true, Ordering::Relaxed)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "signing in with {} failed: {}", self.failure.attempt.method, self.failure.problem)
    }
}

impl std::error::Error for Error {}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} refused: status {}, {}: {}", self.service, self.status, self.error, self.description)
    }
}
