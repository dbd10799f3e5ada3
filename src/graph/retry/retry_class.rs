//! What an error means for another attempt.

use std::error::Error as StdError;

use crate::graph::error::Error;
use crate::graph::response_problem::{BodyError, ResponseProblem};

/// Whether, and how, a failed request is retried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RetryClass {
    /// Graph asks the client to wait: 429 and 503.
    Throttled,
    /// The service, a gateway or the connection failed, perhaps only for a moment.
    Transient,
    /// No connection could be made.
    Unreachable,
    /// Another attempt would fail in the same way.
    Permanent,
}

impl RetryClass {
    pub(super) fn classify(error: &Error) -> Self {
        match (error, error.status()) {
            (_, Some(429 | 503)) => Self::Throttled,
            (_, Some(409 | 423 | 500 | 502 | 504)) => Self::Transient,
            (Error::NotReached { .. }, _) => Self::Unreachable,
            (Error::Unreadable { cause, .. }, _) if is_too_large(&**cause) => Self::Permanent,
            (Error::Unreadable { .. } | Error::OutcomeUnknown { .. }, _) => Self::Transient,
            (
                Error::Undocumented {
                    problem: ResponseProblem::ItemMissing | ResponseProblem::ItemRepeated,
                    ..
                },
                _,
            ) => Self::Transient,
            _ => Self::Permanent,
        }
    }
}

/// A body that is too large stays too large. Everything else that makes a body unreadable happens in transit.
fn is_too_large(cause: &(dyn StdError + Send + Sync + 'static)) -> bool {
    matches!(cause.downcast_ref::<BodyError>(), Some(BodyError::TooLarge { .. }))
}
