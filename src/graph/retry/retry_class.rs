//! Classifies errors: whether another attempt is worthwhile.

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
    /// Classifies by HTTP status first. If the status does not decide, the variant of the error does.
    pub(super) fn classify(error: &Error) -> Self {
        match error.status() {
            Some(429 | 503) => Self::Throttled,
            Some(409 | 423 | 500 | 502 | 504) => Self::Transient,
            _ => Self::classify_by_variant(error),
        }
    }

    fn classify_by_variant(error: &Error) -> Self {
        match error {
            Error::NotReached { .. } => Self::Unreachable,
            Error::Unreadable { cause, .. } if is_too_large(&**cause) => Self::Permanent,
            Error::Unreadable { .. }
            | Error::OutcomeUnknown { .. }
            | Error::Undocumented {
                problem: ResponseProblem::ItemMissing | ResponseProblem::ItemRepeated,
                ..
            } => Self::Transient,
            _ => Self::Permanent,
        }
    }
}

/// A body that is too large will be too large again. Other reasons for an unreadable body may be temporary.
fn is_too_large(cause: &(dyn StdError + Send + Sync + 'static)) -> bool {
    matches!(cause.downcast_ref::<BodyError>(), Some(BodyError::TooLarge { .. }))
}
