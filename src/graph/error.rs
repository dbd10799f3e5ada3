//! Every way in which a call to Graph can fail, grouped by what the caller can do about it. Writes no diagnostics and
//! decides nothing about retries.

use crate::auth;
use crate::transport::error::{SharedError, describe_chain};

use super::call_record::{CallRecord, GiveUpReason};
use super::error_object::ErrorObject;
use super::request_error::RequestError;
use super::response_problem::ResponseProblem;

/// Why a call to Graph gave no usable response. Never holds a token. The message does not name the call:
/// [`Error::call`] returns it.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// The request was refused before sending: nothing has left this process.
    #[error(transparent)]
    NotSent(#[from] RequestError),
    /// There is no token, so nothing was sent to Graph.
    #[error(transparent)]
    NotSignedIn(#[from] auth::Error),
    /// No connection was made, so Graph has not seen the request.
    #[error("Microsoft Graph was not reached at {endpoint}: {}", describe_chain(cause))]
    NotReached {
        /// The call.
        call: Box<CallRecord>,
        /// The root URL of Graph, and where it was configured.
        endpoint: String,
        /// A failure of name resolution, connection, proxy or TLS.
        #[source]
        cause: SharedError,
    },
    /// Graph answered with its error object.
    #[error("Microsoft Graph answered with an error: {object}")]
    Api {
        /// The call; its status is known.
        call: Box<CallRecord>,
        /// The error object.
        object: Box<ErrorObject>,
    },
    /// A complete response that Graph does not document. Often it comes from a proxy instead of Graph.
    #[error("the response is not one that Microsoft Graph documents: {problem}")]
    Undocumented {
        /// The call.
        call: Box<CallRecord>,
        /// What is wrong with the response.
        problem: ResponseProblem,
    },
    /// No complete response arrived. The request was a read, or the status says that the write failed.
    #[error("the response of Microsoft Graph could not be read: {}", describe_chain(cause))]
    Unreadable {
        /// The call.
        call: Box<CallRecord>,
        /// A failure of the connection or the compression, a timeout, or a body that is too large.
        #[source]
        cause: SharedError,
    },
    /// A write was sent and no complete response arrived, so it may have taken effect. The caller reads
    /// the object before it sends the write again.
    #[error(
        "the response to a write was lost, so the write may have taken effect: {}",
        describe_chain(cause)
    )]
    OutcomeUnknown {
        /// The write.
        call: Box<CallRecord>,
        /// How the response was lost.
        #[source]
        cause: SharedError,
    },
}

impl Error {
    /// The error for a response that did not arrive completely. The outcome of a write is then unknown, unless the
    /// status says that the write failed.
    pub(super) fn incomplete_response(call: CallRecord, cause: SharedError) -> Self {
        let call = Box::new(call);
        let has_failed = call.status.is_some() && !call.is_success();
        if call.is_write && !has_failed {
            Self::OutcomeUnknown { call, cause }
        } else {
            Self::Unreadable { call, cause }
        }
    }

    pub(super) fn undocumented(call: CallRecord, problem: ResponseProblem) -> Self {
        Self::Undocumented { call: Box::new(call), problem }
    }

    /// The call that failed; `None` if the client did not try to send a request.
    pub fn call(&self) -> Option<&CallRecord> {
        match self {
            Self::NotSent(_) | Self::NotSignedIn(_) => None,
            Self::NotReached { call, .. }
            | Self::Api { call, .. }
            | Self::Undocumented { call, .. }
            | Self::Unreadable { call, .. }
            | Self::OutcomeUnknown { call, .. } => Some(call),
        }
    }

    pub(super) fn call_mut(&mut self) -> Option<&mut CallRecord> {
        match self {
            Self::NotSent(_) | Self::NotSignedIn(_) => None,
            Self::NotReached { call, .. }
            | Self::Api { call, .. }
            | Self::Undocumented { call, .. }
            | Self::Unreadable { call, .. }
            | Self::OutcomeUnknown { call, .. } => Some(call),
        }
    }

    /// Whether the caller cancelled the wait for another attempt.
    pub fn is_cancelled(&self) -> bool {
        self.call().is_some_and(|call| call.attempts.give_up_reason == Some(GiveUpReason::Cancelled))
    }

    /// Graph's error object.
    pub fn object(&self) -> Option<&ErrorObject> {
        match self {
            Self::Api { object, .. } => Some(object),
            _ => None,
        }
    }

    /// The status, if a status was received. The body does not matter.
    pub fn status(&self) -> Option<u16> {
        self.call().and_then(|call| call.status)
    }

    /// Graph's error code.
    pub fn code(&self) -> Option<&str> {
        self.object().map(|object| object.code.as_str())
    }

    /// Whether Intune reports that the object itself does not exist: 404 with `ResourceNotFound`.
    ///
    /// False if the 404 is about the URL (a wrong route, a missing version) or comes from a proxy.
    pub fn is_resource_not_found(&self) -> bool {
        let Some(object) = self.object() else { return false };
        // A 404 of a whole `$batch` says nothing about the objects of its items.
        let is_batch = self.call().is_some_and(|call| call.path.ends_with("/$batch"));
        self.status() == Some(404)
            && object.code.eq_ignore_ascii_case("ResourceNotFound")
            && !object.message.starts_with("Invalid version")
            && !is_batch
    }

    /// Whether the directory has no object with the requested id.
    pub fn is_directory_object_not_found(&self) -> bool {
        self.status() == Some(404)
            && self
                .object()
                .is_some_and(|object| object.code.eq_ignore_ascii_case("Request_ResourceNotFound"))
    }

    /// Whether Graph refused the token, because it is missing, expired or malformed.
    pub fn is_unauthorized(&self) -> bool {
        self.status() == Some(401)
    }

    /// Whether Graph refused an authenticated caller, because a permission, a role or a license is missing. False for
    /// the 403 of a proxy.
    pub fn is_forbidden(&self) -> bool {
        self.object().is_some() && self.status() == Some(403)
    }

    /// Whether Graph throttled the request. Looks at the status only, because the body can have any content.
    pub fn is_throttled(&self) -> bool {
        self.status() == Some(429)
    }

    /// Whether the service, or a gateway in front of it, failed temporarily.
    pub fn is_unavailable(&self) -> bool {
        matches!(self.status(), Some(500 | 502 | 503 | 504))
    }

    /// Whether a write may have taken effect although it ended in this error. Always false for a read.
    ///
    /// A 5xx may come from a gateway after the service has finished the write. A success with an unusable body is still
    /// a success.
    pub fn may_have_taken_effect(&self) -> bool {
        match self {
            Self::NotSent(_) | Self::NotSignedIn(_) | Self::NotReached { .. } => false,
            Self::OutcomeUnknown { .. } => true,
            Self::Api { call, .. } | Self::Undocumented { call, .. } | Self::Unreadable { call, .. } => {
                call.is_write && call.status.is_none_or(|status| !(300..500).contains(&status))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::request::{ApiVersion, Request};
    use serde_json::json;

    fn api_error(status: u16, code: &str, message: &str) -> Error {
        let object = ErrorObject { code: code.into(), message: message.into(), ..ErrorObject::default() };
        Error::Api { call: Box::new(call(status, false)), object: Box::new(object) }
    }

    fn call(status: u16, write: bool) -> CallRecord {
        let request = if write {
            Request::post(ApiVersion::Beta, &["x"], json!({}))
        } else {
            Request::get(ApiVersion::Beta, &["x"])
        };
        let mut call = CallRecord::new(&request, "c-1".into());
        call.record_head(status, |_| None);
        call
    }

    fn from_proxy(status: u16, write: bool) -> Error {
        let problem = ResponseProblem::NotGraph { content_type: None, excerpt: String::new() };
        Error::Undocumented { call: Box::new(call(status, write)), problem }
    }

    #[test]
    fn only_a_404_of_the_object_itself_means_not_found() {
        assert!(api_error(404, "ResourceNotFound", "An error has occurred").is_resource_not_found());
        for error in [
            api_error(404, "ResourceNotFound", "Invalid version: devicemanagement"),
            api_error(404, "No method match route template", "No OData route exists"),
            api_error(404, "Request_ResourceNotFound", "Resource 'x' does not exist"),
            api_error(400, "ResourceNotFound", "An error has occurred"),
            api_error(404, "", ""),
            from_proxy(404, false),
        ] {
            assert!(!error.is_resource_not_found(), "{error}");
        }
    }

    #[test]
    fn a_403_of_a_proxy_is_not_a_missing_permission() {
        assert!(api_error(403, "Forbidden", "").is_forbidden());
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
}
