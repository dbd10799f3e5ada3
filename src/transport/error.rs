//! The reasons why a request got no complete response. They distinguish whether the other side may have seen the
//! request.

use std::error::Error as StdError;
use std::sync::Arc;

/// An underlying error, shared so that one failure can be reported by several waiting callers.
pub type SharedError = Arc<dyn StdError + Send + Sync>;

/// Why a request got no complete response. Holds no headers and no URL, because a query may hold a secret.
#[derive(Debug, Clone, thiserror::Error)]
pub enum TransportError {
    /// The HTTP client or the request could not be built, so nothing was sent.
    #[error("{0}")]
    NotBuilt(String),
    /// A token or another secret has characters that a header must not have.
    #[error("a token or secret has characters that are not allowed in a header")]
    InvalidHeaderValue,
    /// No connection was made, so the other side has not seen the request.
    #[error("{}", describe_chain(.0))]
    NotReached(#[source] SharedError),
    /// The request was sent, and no complete response arrived.
    #[error("{}", describe_chain(.0))]
    Lost(#[source] SharedError),
    /// The body exceeds the bound.
    #[error("the body is larger than {limit_bytes} bytes")]
    TooLarge {
        /// The bound.
        limit_bytes: usize,
    },
}

/// An error and its sources on one line. Some libraries repeat the text of a source in their own, so a text that is
/// already there is omitted.
pub fn describe_chain(error: &SharedError) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let part = error.to_string();
        if !text.contains(&part) {
            text.push_str(": ");
            text.push_str(&part);
        }
        source = error.source();
    }
    text
}
