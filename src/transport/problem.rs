//! Why a request got no whole answer, told apart by whether the other side may have seen it.

use std::error::Error as StdError;
use std::sync::Arc;

/// What lies beneath a problem; shared, so that one failure can be reported by several waiting callers.
pub type Cause = Arc<dyn StdError + Send + Sync>;

/// Why a request got no whole answer. Holds no URL, whose query may hold what is secret, and no header.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Problem {
    /// The HTTP client or the request could not be built, so nothing was sent.
    #[error("{0}")]
    NotBuilt(String),
    /// A token, or another secret, has characters that cannot stand in a header.
    #[error("a token or secret has characters that cannot stand in a header")]
    UnfitBearer,
    /// No connection came about, so the other side has seen nothing.
    #[error("{}", chain(.0))]
    NotReached(#[source] Cause),
    /// The request went out, and no answer came, or not a whole one.
    #[error("{}", chain(.0))]
    Lost(#[source] Cause),
    /// The body is larger than we are willing to hold.
    #[error("the body is larger than {limit_bytes} bytes")]
    TooLarge {
        /// The bound.
        limit_bytes: usize,
    },
}

/// A cause and its sources on one line. Libraries differ in whether a text repeats its source's; each is told once.
pub fn chain(cause: &Cause) -> String {
    let mut text = cause.to_string();
    let mut source = cause.source();
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
