//! Problems of a response: content that Graph does not document, or a body that could not be read.

/// Why a complete response is not one that Graph documents.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ResponseProblem {
    /// A body that is not JSON, or an error status without Graph's error object.
    #[error("{}", describe_body(content_type.as_deref(), excerpt))]
    NotGraph {
        /// `Content-Type` as received.
        content_type: Option<String>,
        /// At most 120 characters of the body, on one line.
        excerpt: String,
    },
    /// A redirect. It is not followed, because the token is for the endpoint only.
    #[error("a redirect to {}", to.as_deref().unwrap_or("nowhere"))]
    Redirect {
        /// The target of the redirect, without the query.
        to: Option<String>,
    },
    /// A collection without the member `value`. It is not an empty collection.
    #[error("a collection without \"value\"")]
    NoValue,
    /// JSON that does not have the documented shape.
    #[error("an unexpected shape: {problem}")]
    WrongShape {
        /// What the JSON library reports, shortened.
        problem: String,
    },
    /// JSON that is nested more deeply than anything that Graph sends.
    #[error("JSON that is nested too deeply")]
    TooDeep,
    /// JSON with too many objects and lists.
    #[error("JSON of more than {limit} objects and lists")]
    TooManyContainers {
        /// The limit.
        limit: usize,
    },
    /// A collection that takes too much memory.
    #[error("a collection of more than {limit_bytes} bytes in memory")]
    CollectionTooLarge {
        /// The limit.
        limit_bytes: usize,
    },
    /// A next link that is longer than Graph's links are.
    #[error("a link to the next page that is longer than {limit_bytes} bytes")]
    LinkTooLong {
        /// The limit.
        limit_bytes: usize,
    },
    /// A next link that was followed before.
    #[error("pages that lead back to an earlier page")]
    LinkLoop,
    /// More pages than any tenant has.
    #[error("more than {limit} pages")]
    TooManyPages {
        /// The maximum number of pages.
        limit: usize,
    },
    /// A `$batch` response without an item for this request.
    #[error("a batch response without an item for this request")]
    ItemMissing,
    /// A `$batch` response with several items for this request.
    #[error("a batch response with several items for this request")]
    ItemRepeated,
}

/// Why a body could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// The body exceeds the limit.
    #[error("the body is larger than {limit_bytes} bytes")]
    TooLarge {
        /// The limit.
        limit_bytes: usize,
    },
    /// JSON that stops in the middle.
    #[error("the body ends too early")]
    EndsEarly,
    /// The response did not arrive in time.
    #[error("the response was not complete after 2 minutes")]
    TookTooLong,
    /// Other responses hold all the memory that responses may take.
    #[error("too many large responses came at once")]
    OutOfMemoryBudget,
}

/// Renders an excerpt and its content type, for example `"<html> Sign in" (text/html)`.
fn describe_body(content_type: Option<&str>, excerpt: &str) -> String {
    let content_type = content_type.unwrap_or("no content type");
    if excerpt.is_empty() { "an empty body".to_owned() } else { format!("{excerpt:?} ({content_type})") }
}
