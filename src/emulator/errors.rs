//! Refusals, and the shapes in which Graph and Intune word them. Decides nothing about when to refuse.
//!
//! ```text
//! plain    {"error":{"code","message":"a sentence","innerError":{"date","request-id","client-request-id"}}}
//! Intune   the same, but `message` is a pretty-printed JSON object again, as string, with CRLF line ends:
//!          {_version, Message, CustomApiErrorPhrase, RetryAfter, ErrorSourceService, HttpHeaders}
//! nested   code "UnknownError"; `message` is {ErrorCode, Message, Target, …} as string, and its Message is
//!          Intune's object as string in turn. Only a test fault asks for it.
//! route    plain, code "No method match route template", for addresses and verbs that Intune does not route
//! ```

use std::borrow::Cow;

use serde_json::{Value, json};

use super::answer::Answer;
use super::members::ShapeError;
use super::odata::path::{Address, AddressError};
use super::request::{Identity, Incoming};

/// The headers inside a refusal that Intune's own gate gave, as recorded with a missing licence.
const CHALLENGE_OF_INTUNE: &str = r#"{"WWW-Authenticate":"Bearer realm=\"urn:intune:service,00000000-0000-0000-0000-000000000000,00000000-0000-0000-0000-000000000000\""}"#;

/// The text that Intune gives for most mistakes.
pub const GENERIC: &str = "An error has occurred";

/// A request that is not served, with everything its answer needs but the ids of the call.
#[derive(Debug)]
pub struct Refusal {
    status: u16,
    code: Cow<'static, str>,
    text: String,
    shape: Shape,
    headers: Vec<(&'static str, String)>,
}

/// How the text of a refusal is wrapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A sentence.
    Plain,
    /// Intune's object as string.
    Intune,
    /// Intune's object as string inside another one.
    Nested,
}

impl Refusal {
    /// A refusal in Graph's plain shape.
    pub fn plain(status: u16, code: impl Into<Cow<'static, str>>, text: impl Into<String>) -> Self {
        Self { status, code: code.into(), text: text.into(), shape: Shape::Plain, headers: Vec::new() }
    }

    /// The same refusal in another shape.
    pub fn shaped(self, shape: Shape) -> Self {
        Self { shape, ..self }
    }

    /// The same refusal with one more header.
    pub fn with_header(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
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
        Self::plain(400, "BadRequest", text).shaped(Shape::Intune)
    }

    /// 404 in Intune's nested shape: the entity does not exist.
    pub fn intune_not_found() -> Self {
        Self::plain(404, "ResourceNotFound", GENERIC).shaped(Shape::Intune)
    }

    /// 429 as Intune sends it: nested, and without `Retry-After`.
    pub fn intune_throttled() -> Self {
        Self::plain(429, "TooManyRequests", GENERIC).shaped(Shape::Intune)
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
        Self::challenged("InvalidAuthenticationToken", "Access token is empty.")
    }

    /// 401 with the header that asks for a token.
    pub fn challenged(code: impl Into<Cow<'static, str>>, text: impl Into<String>) -> Self {
        let challenge = "Bearer realm=\"\", authorization_uri=\"https://login.microsoftonline.com/common/oauth2/authorize\", \
                         client_id=\"00000003-0000-0000-c000-000000000000\"";
        Self::plain(401, code, text).with_header("WWW-Authenticate", challenge.to_owned())
    }

    /// The answer to the call that is refused. The Activity ID in a nested text is the client's request id.
    pub fn into_answer(self, incoming: &Incoming, identity: &Identity) -> Answer {
        let intune = |headers: &str| intune_message(&self.text, headers, incoming, identity);
        let (code, message) = match self.shape {
            Shape::Plain => (self.code, self.text),
            Shape::Intune => (self.code, intune("{}")),
            Shape::Nested => {
                ("UnknownError".into(), nested_message(&self.code, &intune(CHALLENGE_OF_INTUNE)))
            }
        };
        let body = json!({"error": {
            "code": code,
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

impl From<AddressError> for Refusal {
    fn from(error: AddressError) -> Self {
        match error {
            AddressError::UnknownVersion(version) => {
                let text = format!("Invalid version: {}", version.to_ascii_lowercase());
                Self::plain(404, "ResourceNotFound", text)
            }
            AddressError::NotUtf8(segment) => {
                Self::bad_request(format!("The segment '{segment}' of the request URL is not valid UTF-8."))
            }
            AddressError::EmptySegment => Self::bad_request(
                "Empty segment encountered in request URL. Please make sure that a valid request URL is specified.",
            ),
        }
    }
}

/// Written by hand, since the order of the members and the white space are part of the shape.
fn intune_message(text: &str, headers: &str, incoming: &Incoming, identity: &Identity) -> String {
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
        format!("  \"HttpHeaders\": {}", Value::String(headers.to_owned())),
        "}".to_owned(),
    ];
    lines.join("\r\n")
}

/// Written by hand for the order of the members, too.
fn nested_message(code: &str, inner: &str) -> String {
    let (code, inner) = (Value::from(code), Value::from(inner));
    format!(
        "{{\"ErrorCode\":{code},\"Message\":{inner},\"Target\":null,\"Details\":null,\"InnerError\":null,\"InstanceAnnotations\":[]}}"
    )
}
