//! Refusals, and the shapes in which Graph and Intune word them. Decides nothing about when to refuse.
//!
//! ```text
//! plain    {"error":{"code","message":"a sentence","innerError":{"date","request-id","client-request-id"}}}
//! Intune   the same, but `message` is a pretty-printed JSON object again, as string, with CRLF line ends:
//!          {_version, Message, CustomApiErrorPhrase, RetryAfter, ErrorSourceService, HttpHeaders}
//! route    plain, code "No method match route template", for addresses and verbs that Intune does not route
//! ```

use serde_json::{Value, json};

use super::answer::Answer;
use super::call::{Identity, Incoming};
use super::members::ShapeError;
use super::odata::path::Address;

/// The text that Intune gives for most mistakes.
pub const GENERIC: &str = "An error has occurred";

/// A request that is not served, with everything its answer needs but the ids of the call.
#[derive(Debug)]
pub struct Refusal {
    status: u16,
    code: &'static str,
    text: String,
    nested: bool,
    headers: Vec<(&'static str, String)>,
}

impl Refusal {
    /// A refusal in Graph's plain shape.
    pub fn plain(status: u16, code: &'static str, text: impl Into<String>) -> Self {
        Self { status, code, text: text.into(), nested: false, headers: Vec::new() }
    }

    /// 400 in the plain shape: address, query, or body do not fit the model.
    pub fn bad_request(text: impl Into<String>) -> Self {
        Self::plain(400, "BadRequest", text)
    }

    /// 400 in the plain shape: the model has no such name at this place of the address.
    pub fn segment(name: &str) -> Self {
        Self::bad_request(format!("Resource not found for the segment '{name}'."))
    }

    /// 400 in Intune's nested shape: the service's own rules are broken.
    pub fn intune_bad_request(text: impl Into<String>) -> Self {
        Self { nested: true, ..Self::plain(400, "BadRequest", text) }
    }

    /// 404 in Intune's nested shape: the entity does not exist.
    pub fn intune_not_found() -> Self {
        Self { nested: true, ..Self::plain(404, "ResourceNotFound", GENERIC) }
    }

    /// 429 as Intune sends it: nested, and without `Retry-After`.
    pub fn intune_throttled() -> Self {
        Self { nested: true, ..Self::plain(429, "TooManyRequests", GENERIC) }
    }

    /// 400: Intune routes no such address, or not with this verb.
    pub fn route(verb: &str, address: &Address) -> Self {
        let text = format!(
            "No OData route exists that match template {} with http verb {verb} for request {}.",
            address.route_template(),
            address.service_path()
        );
        Self::plain(400, "No method match route template", text)
    }

    /// 404 of the directory.
    pub fn directory_not_found(id: &str) -> Self {
        Self::plain(
            404,
            "Request_ResourceNotFound",
            format!(
                "Resource '{id}' does not exist or one of its queried reference-property objects are not present."
            ),
        )
    }

    /// 400 of the directory.
    pub fn directory_bad_request(text: impl Into<String>) -> Self {
        Self::plain(400, "Request_BadRequest", text)
    }

    /// 405: the address is there, the verb is not. Intune answers with its route error instead.
    pub fn method_not_allowed() -> Self {
        Self::plain(405, "Request_BadRequest", "Specified HTTP method is not allowed for the request target.")
    }

    /// 401 for a request without a bearer token.
    pub fn unauthenticated() -> Self {
        let challenge = "Bearer realm=\"\", authorization_uri=\"https://login.microsoftonline.com/common/oauth2/authorize\", \
                         client_id=\"00000003-0000-0000-c000-000000000000\"";
        Self {
            headers: vec![("WWW-Authenticate", challenge.to_owned())],
            ..Self::plain(401, "InvalidAuthenticationToken", "Access token is empty.")
        }
    }

    /// The answer to the call that is refused. The Activity ID in a nested text is the client's request id.
    pub fn into_answer(self, incoming: &Incoming, identity: &Identity) -> Answer {
        let message = if self.nested { nested_message(&self.text, incoming, identity) } else { self.text };
        let body = json!({"error": {
            "code": self.code,
            "message": message,
            "innerError": {
                "date": identity.date,
                "request-id": identity.request_id,
                "client-request-id": identity.client_request_id,
            },
        }});
        Answer::json(self.status, body).with_headers(self.headers)
    }
}

impl From<ShapeError> for Refusal {
    fn from(error: ShapeError) -> Self {
        Self::bad_request(error.text)
    }
}

/// Written by hand, since the order of the members and the white space are part of the shape.
fn nested_message(text: &str, incoming: &Incoming, identity: &Identity) -> String {
    let path = Address::parse(incoming.path()).map(|address| address.service_path()).unwrap_or_default();
    let message = Value::String(format!(
        "{text} - Operation ID (for customer support): 00000000-0000-0000-0000-000000000000 - Activity ID: {} - Url: \
         https://fef.emulator.manage.microsoft.com{path}?api-version=5026-11-01",
        identity.client_request_id
    ));
    let lines = [
        "{".to_owned(),
        "  \"_version\": 3,".to_owned(),
        format!("  \"Message\": {message},"),
        "  \"CustomApiErrorPhrase\": \"\",".to_owned(),
        "  \"RetryAfter\": null,".to_owned(),
        "  \"ErrorSourceService\": \"\",".to_owned(),
        "  \"HttpHeaders\": \"{}\"".to_owned(),
        "}".to_owned(),
    ];
    lines.join("\r\n")
}
