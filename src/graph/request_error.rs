//! Why a request was not sent.

/// The request was refused before sending: nothing has left this process.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// A path segment is empty (an empty id) or a dot segment.
    #[error("{segment:?} is not a valid path segment of Microsoft Graph ({path})")]
    InvalidSegment {
        /// The segment.
        segment: String,
        /// The path of the request.
        path: String,
    },
    /// The next link of a response has another scheme, host or port, which must not get the token.
    #[error(
        "the response continues at {link}, which does not belong to {endpoint}; the link was not followed"
    )]
    ForeignLink {
        /// The link, without its query.
        link: String,
        /// The endpoint in use.
        endpoint: String,
    },
    /// This version of the provider does not know all members of this kind of target, so `assign` could not write the
    /// target completely.
    #[error("assignment targets of type {type_name:?} cannot be written")]
    UnsupportedTarget {
        /// Graph's name of the type, without namespace.
        type_name: String,
    },
    /// The HTTP client or the HTTP request could not be built.
    #[error("the request could not be built: {problem}")]
    NotBuilt {
        /// What the HTTP library reports.
        problem: String,
    },
}
