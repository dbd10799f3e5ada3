//! The reasons why a request got no complete response. They distinguish whether the other side may have seen the
//! request.

use std::error::Error as StdError;
use std::sync::Arc;

/// An underlying error, shared because several waiting callers may report the same failure.
pub type SharedError = Arc<dyn StdError + Send + Sync>;

/// Why a request got no complete response. Holds no headers and no URL, because a query may hold a secret.
#[derive(Debug, Clone, thiserror::Error)]
pub enum TransportError {
    /// The HTTP client or the request could not be built, so nothing was sent.
    #[error("{0}")]
    NotBuilt(String),
    /// A token or another secret has characters that are not allowed in a header.
    #[error("a token or secret has characters that are not allowed in a header")]
    InvalidHeaderValue,
    /// No connection was made, so the other side has not seen the request.
    #[error("{}", describe_chain(.0))]
    NotReached(#[source] SharedError),
    /// The request was sent, and no complete response arrived.
    #[error("{}", describe_chain(.0))]
    ResponseLost(#[source] SharedError),
    /// The body exceeds the limit.
    #[error("the body is larger than {limit_bytes} bytes")]
    TooLarge {
        /// The limit.
        limit_bytes: usize,
    },
}

/// Describes an error and its sources on one line. Omits the text of a source that is already in the line, because some
/// libraries include the text of a source in their own text.
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
