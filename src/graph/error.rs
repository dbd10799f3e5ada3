//! Everything that can go wrong with a call of Graph, told apart by what a caller can do about it. Does not word
//! diagnostics and does not decide about repeating.

use crate::auth;
use crate::transport::problem::{Cause, chain};
pub(super) use crate::transport::text::{beginning_of, on_one_line};

use super::call::{Call, End};
use super::error_object::ErrorObject;

/// Why a call of Graph gave no usable answer. Never holds a token. Which call it was is told by [`Error::call`], not
/// by the text.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// Refused before sending: nothing left this process.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// There is no token, so nothing was sent to Graph.
    #[error(transparent)]
    NotSignedIn(#[from] auth::Error),
    /// No connection came about, so Graph has seen nothing of the request.
    #[error("Microsoft Graph was not reached at {endpoint}: {}", chain(cause))]
    NotReached {
        /// The call.
        call: Box<Call>,
        /// The root of Graph in use, and where it was configured.
        endpoint: String,
        /// Name resolution, connection, proxy or TLS.
        #[source]
        cause: Cause,
    },
    /// Graph answered with its error object.
    #[error("Microsoft Graph answered with an error: {object}")]
    Answered {
        /// The call; its status is known.
        call: Box<Call>,
        /// What Graph said.
        object: Box<ErrorObject>,
    },
    /// A complete answer of a kind that Graph does not document: often from a proxy, not from Graph.
    #[error("the answer is not one that Microsoft Graph documents: {finding}")]
    Undocumented {
        /// The call.
        call: Box<Call>,
        /// What is wrong with it.
        finding: Finding,
    },
    /// The answer did not arrive, or not whole; the call was a read, or its status says that nothing was changed.
    #[error("the answer of Microsoft Graph could not be read: {}", chain(cause))]
    Unreadable {
        /// The call.
        call: Box<Call>,
        /// Connection, time-out, compression, size.
        #[source]
        cause: Cause,
    },
    /// A write was sent and its answer, or a part of it, was lost: it may have taken effect. Read before repeating.
    #[error("the answer to a write was lost, so the write may have taken effect: {}", chain(cause))]
    OutcomeUnknown {
        /// The write.
        call: Box<Call>,
        /// How the answer was lost.
        #[source]
        cause: Cause,
    },
}

/// Why a request was not sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// A segment of the address is empty (an empty id) or a dot segment.
    #[error("{segment:?} cannot stand in an address of Microsoft Graph ({path})")]
    UnfitSegment {
        /// The segment.
        segment: String,
        /// The path it would have made.
        path: String,
    },
    /// Graph's answer continues at another scheme, host or port, which must not get the token.
    #[error("the answer continues at {link}, which does not belong to {endpoint}; the link was not followed")]
    ForeignLink {
        /// The link, without its query.
        link: String,
        /// The endpoint in use.
        endpoint: String,
    },
    /// `assign` would have to write a kind of target that this version cannot write whole.
    #[error("assignment targets of type {type_name:?} cannot be written")]
    UnknownTarget {
        /// Graph's name of the type, without namespace.
        type_name: String,
    },
    /// The HTTP client could not be set up, or not with these headers.
    #[error("the request could not be made: {problem}")]
    NotBuilt {
        /// What the HTTP library says.
        problem: String,
    },
}

/// What is wrong with an answer that arrived whole.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Finding {
    /// Not JSON where JSON belongs, or an error status without Graph's error object.
    #[error("{}", told(content_type.as_deref(), beginning))]
    NotGraph {
        /// `Content-Type` as received.
        content_type: Option<String>,
        /// At most 120 characters of the body, on one line.
        beginning: String,
    },
    /// A redirect, which is not followed: the token belongs to the endpoint alone.
    #[error("a redirect to {}", to.as_deref().unwrap_or("nowhere"))]
    Redirect {
        /// Where to, without the query.
        to: Option<String>,
    },
    /// A collection without the member `value`. Never to be taken for an empty one.
    #[error("a collection without \"value\"")]
    NoValue,
    /// JSON, but not in the published shape.
    #[error("an unexpected shape: {problem}")]
    WrongShape {
        /// What the JSON library says, shortened.
        problem: String,
    },
    /// JSON beyond what the parser takes: nothing that Graph sends is nested nearly as deep.
    #[error("JSON that is nested too deeply")]
    TooDeep,
    /// More objects and lists in one answer than we are willing to keep.
    #[error("JSON of more than {limit} objects and lists")]
    TooMany {
        /// The bound.
        limit: usize,
    },
    /// A collection that takes more memory than we are willing to give.
    #[error("a collection of more than {limit_bytes} bytes in memory")]
    CollectionTooLarge {
        /// The bound.
        limit_bytes: usize,
    },
    /// A next link that is longer than any real one.
    #[error("a link to the next page that is longer than {limit_bytes} bytes")]
    LinkTooLong {
        /// The bound.
        limit_bytes: usize,
    },
    /// A next link that was followed before.
    #[error("pages that lead back to an earlier page")]
    LinkLoop,
    /// More pages than anybody has.
    #[error("more than {limit} pages")]
    TooManyPages {
        /// How many were read.
        limit: usize,
    },
    /// A `$batch` whose answer has nothing for this request.
    #[error("a batch that leaves this request unanswered")]
    ItemMissing,
    /// A `$batch` whose answer has several items for this request.
    #[error("a batch that answers this request more than once")]
    ItemRepeated,
}

/// Why a body could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BodyProblem {
    /// Larger than we are willing to hold.
    #[error("the body is larger than {limit_bytes} bytes")]
    TooLarge {
        /// The bound.
        limit_bytes: usize,
    },
    /// JSON that stops in the middle.
    #[error("the body ends too early")]
    EndsEarly,
    /// The answer came so slowly that it was given up.
    #[error("the answer was not complete after 2 minutes")]
    TookTooLong,
    /// All the memory that is meant for answers is taken by others.
    #[error("too many large answers came at once")]
    Crowded,
}

impl Error {
    /// The call that failed; `None` if nothing was sent.
    pub fn call(&self) -> Option<&Call> {
        match self {
            Self::Refused(_) | Self::NotSignedIn(_) => None,
            Self::NotReached { call, .. }
            | Self::Answered { call, .. }
            | Self::Undocumented { call, .. }
            | Self::Unreadable { call, .. }
            | Self::OutcomeUnknown { call, .. } => Some(call),
        }
    }

    pub(super) fn call_mut(&mut self) -> Option<&mut Call> {
        match self {
            Self::Refused(_) | Self::NotSignedIn(_) => None,
            Self::NotReached { call, .. }
            | Self::Answered { call, .. }
            | Self::Undocumented { call, .. }
            | Self::Unreadable { call, .. }
            | Self::OutcomeUnknown { call, .. } => Some(call),
        }
    }

    /// The caller did not want to wait for a further try.
    pub fn is_cancelled(&self) -> bool {
        self.call().is_some_and(|call| call.tried.end == Some(End::Cancelled))
    }

    /// Graph's error object.
    pub fn object(&self) -> Option<&ErrorObject> {
        match self {
            Self::Answered { object, .. } => Some(object),
            _ => None,
        }
    }

    /// The status, if one was received, whatever the body was.
    pub fn status(&self) -> Option<u16> {
        self.call().and_then(|call| call.status)
    }

    /// Graph's error code.
    pub fn code(&self) -> Option<&str> {
        self.object().map(|object| object.code.as_str())
    }

    /// Intune's answer that the object itself does not exist: 404 with `ResourceNotFound`.
    ///
    /// False for a 404 of the address: a wrong route, a missing version, a page of a proxy.
    pub fn is_resource_not_found(&self) -> bool {
        let of_the_version = |object: &ErrorObject| object.message.starts_with("Invalid version");
        self.is_missing("ResourceNotFound") && !self.object().is_some_and(of_the_version)
    }

    /// The directory's answer that a group (or another directory object) does not exist.
    pub fn is_group_not_found(&self) -> bool {
        self.is_missing("Request_ResourceNotFound")
    }

    /// Graph refused the token: missing, expired or malformed.
    pub fn is_unauthorized(&self) -> bool {
        self.status() == Some(401)
    }

    /// Graph knows who asks and refuses: a permission, a role or a licence is missing. False for a proxy's 403.
    pub fn is_forbidden(&self) -> bool {
        self.object().is_some() && self.status() == Some(403)
    }

    /// Graph asks to wait; the body of such an answer may be anything.
    pub fn is_throttled(&self) -> bool {
        self.status() == Some(429)
    }

    /// A passing failure of the service or of a gateway before it.
    pub fn is_unavailable(&self) -> bool {
        matches!(self.status(), Some(500 | 502 | 503 | 504))
    }

    /// Whether a write may be in force although it ended in this error. A read never is.
    ///
    /// A 5xx may come from a gateway after the service has finished. A success whose body is unusable is a success all
    /// the same.
    pub fn may_have_taken_effect(&self) -> bool {
        match self {
            Self::Refused(_) | Self::NotSignedIn(_) | Self::NotReached { .. } => false,
            Self::OutcomeUnknown { .. } => true,
            Self::Answered { call, .. } | Self::Undocumented { call, .. } | Self::Unreadable { call, .. } => {
                call.write && call.status.is_none_or(|status| !(300..500).contains(&status))
            }
        }
    }

    /// A 404 with this code. A 404 of a whole `$batch` says nothing about the objects that its items ask for.
    fn is_missing(&self, code: &str) -> bool {
        let of_a_batch = self.call().is_some_and(|call| call.path.ends_with("/$batch"));
        let has_code = self.code().is_some_and(|found| found.eq_ignore_ascii_case(code));
        self.status() == Some(404) && has_code && !of_a_batch
    }
}

fn told(content_type: Option<&str>, beginning: &str) -> String {
    let content_type = content_type.unwrap_or("no content type");
    if beginning.is_empty() { "an empty body".to_owned() } else { format!("{beginning:?} ({content_type})") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::request::{Request, Version};
    use serde_json::json;

    fn answered(status: u16, code: &str, message: &str) -> Error {
        let object = ErrorObject { code: code.into(), message: message.into(), ..ErrorObject::default() };
        Error::Answered { call: Box::new(call(status, false)), object: Box::new(object) }
    }

    fn call(status: u16, write: bool) -> Call {
        let request = if write {
            Request::post(Version::Beta, &["x"], json!({}))
        } else {
            Request::get(Version::Beta, &["x"])
        };
        let mut call = Call::new(&request, "c-1".into());
        call.note(status, |_| None);
        call
    }

    fn from_proxy(status: u16, write: bool) -> Error {
        let finding = Finding::NotGraph { content_type: None, beginning: String::new() };
        Error::Undocumented { call: Box::new(call(status, write)), finding }
    }

    #[test]
    fn only_a_404_of_the_object_itself_means_not_found() {
        assert!(answered(404, "ResourceNotFound", "An error has occurred").is_resource_not_found());
        for error in [
            answered(404, "ResourceNotFound", "Invalid version: devicemanagement"),
            answered(404, "No method match route template", "No OData route exists"),
            answered(404, "Request_ResourceNotFound", "Resource 'x' does not exist"),
            answered(400, "ResourceNotFound", "An error has occurred"),
            answered(404, "", ""),
            from_proxy(404, false),
        ] {
            assert!(!error.is_resource_not_found(), "{error}");
        }
        assert!(answered(404, "Request_ResourceNotFound", "").is_group_not_found());
    }

    #[test]
    fn a_403_of_a_proxy_is_not_a_missing_permission() {
        assert!(answered(403, "Forbidden", "").is_forbidden());
        assert!(!from_proxy(403, false).is_forbidden());
        assert!(from_proxy(429, false).is_throttled());
        assert!(from_proxy(504, false).is_unavailable());
    }

    #[test]
    fn a_write_may_have_taken_effect_unless_its_status_says_otherwise() {
        for (status, expected) in
            [(200, true), (500, true), (502, true), (504, true), (503, true), (400, false), (429, false)]
        {
            assert_eq!(from_proxy(status, true).may_have_taken_effect(), expected, "{status}");
            assert!(!from_proxy(status, false).may_have_taken_effect(), "{status}");
        }
    }

    #[test]
    fn the_beginning_of_a_page_is_one_short_line() {
        let page = format!("<html>\r\n\t<b>Sign in\u{7}</b>{}", "ü".repeat(300));
        let beginning = beginning_of(&page);
        assert_eq!(beginning.chars().count(), 120);
        assert!(beginning.starts_with("<html> <b>Sign in </b>ü"), "{beginning}");
    }
}
