//! Errors in the shapes of Graph and Intune. Does not decide when they occur.
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

use super::member_reader::ShapeError;
use super::odata::path::{ODataAddress, ODataAddressError};
use super::request::{IncomingRequest, RequestIds};
use super::response::ServiceResponse;

/// The headers inside an error of Intune's authorization, as recorded for a missing license.
const CHALLENGE_OF_INTUNE: &str = r#"{"WWW-Authenticate":"Bearer realm=\"urn:intune:service,00000000-0000-0000-0000-000000000000,00000000-0000-0000-0000-000000000000\""}"#;

/// The collections and actions that the emulator serves, below the version root.
pub const SERVED: &str = "deviceManagement/deviceConfigurations, deviceManagement/configurationPolicies, \
                          deviceManagement/mobileThreatDefenseConnectors, assignmentFilters, roleScopeTags, \
                          advancedThreatProtectionOnboardingStateSummary and \
                          deviceConfigurationConflictSummary (beta), groups, directoryObjects/getByIds and $batch";

/// Intune's text for most errors.
pub const GENERIC: &str = "An error has occurred";

/// An error response, complete except for the ids of the request.
#[derive(Debug)]
pub struct ServiceError {
    status: u16,
    code: Cow<'static, str>,
    text: String,
    shape: ErrorShape,
    headers: Vec<(&'static str, String)>,
    /// Whether the body does not match the model.
    model: bool,
}

/// The shape of an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorShape {
    /// A sentence.
    Plain,
    /// Intune's object as string.
    Intune,
    /// Intune's object as string inside another object.
    Nested,
}

impl ServiceError {
    /// An error in Graph's plain shape.
    pub fn plain(status: u16, code: impl Into<Cow<'static, str>>, text: impl Into<String>) -> Self {
        Self {
            status,
            code: code.into(),
            text: text.into(),
            shape: ErrorShape::Plain,
            headers: Vec::new(),
            model: false,
        }
    }

    /// Changes the shape.
    pub fn with_shape(self, shape: ErrorShape) -> Self {
        Self { shape, ..self }
    }

    /// Gives an error of the model the code that was chosen for them.
    pub fn with_model_code(self, code: &'static str) -> Self {
        if self.model { Self { code: code.into(), ..self } } else { self }
    }

    /// Adds a header.
    pub fn with_header(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    /// 400 in the plain shape: address, query or body do not match the model.
    pub fn bad_request(text: impl Into<String>) -> Self {
        Self::plain(400, "BadRequest", text)
    }

    /// 400: the service may support this, but nothing shows how it answers, so the emulator does not guess.
    pub fn unproven(what: &str) -> Self {
        let text = format!(
            "The emulator does not know how Graph answers {what}. This limit is the emulator's, not Graph's."
        );
        Self::bad_request(text)
    }

    /// 400 in the plain shape: the emulator does not serve this segment. The first sentence is Graph's, for a segment
    /// that Graph does not have either.
    pub fn unknown_segment(name: &str) -> Self {
        Self::bad_request(format!(
            "Resource not found for the segment '{name}'. The emulator serves only a part of Graph: {SERVED}."
        ))
    }

    /// 400 in Intune's shape: the request breaks a rule of the service.
    pub fn intune_bad_request(text: impl Into<String>) -> Self {
        Self::plain(400, "BadRequest", text).with_shape(ErrorShape::Intune)
    }

    /// 404 in Intune's shape: the entity does not exist.
    pub fn intune_not_found() -> Self {
        Self::plain(404, "ResourceNotFound", GENERIC).with_shape(ErrorShape::Intune)
    }

    /// 429 as Intune sends it, without `Retry-After`.
    pub fn intune_throttled() -> Self {
        Self::plain(429, "TooManyRequests", GENERIC).with_shape(ErrorShape::Intune)
    }

    /// 400: Intune does not route this address or method.
    pub fn no_route(verb: &str, address: &ODataAddress) -> Self {
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

    /// 405: the address does not support the method. Intune returns its route error instead.
    pub fn method_not_allowed() -> Self {
        Self::plain(405, "Request_BadRequest", "Specified HTTP method is not allowed for the request target.")
    }

    /// 401 for a request without a bearer token.
    pub fn missing_token() -> Self {
        Self::unauthorized("InvalidAuthenticationToken", "Access token is empty.")
    }

    /// 401 with the header that asks for a token.
    pub fn unauthorized(code: impl Into<Cow<'static, str>>, text: impl Into<String>) -> Self {
        let challenge = "Bearer realm=\"\", authorization_uri=\"https://login.microsoftonline.com/common/oauth2/authorize\", \
                         client_id=\"00000003-0000-0000-c000-000000000000\"";
        Self::plain(401, code, text).with_header("WWW-Authenticate", challenge.to_owned())
    }

    /// The error as a response. The Activity ID in Intune's text is the client's request id.
    pub fn into_response(self, incoming: &IncomingRequest, identity: &RequestIds) -> ServiceResponse {
        let intune = |headers: &str| intune_message(&self.text, headers, incoming, identity);
        // Recorded with the code `ModelValidationFailure` only.
        let repeated = (self.code == "ModelValidationFailure").then(|| self.text.clone());
        let (code, message) = match self.shape {
            ErrorShape::Plain => (self.code, self.text),
            ErrorShape::Intune => (self.code, intune("{}")),
            ErrorShape::Nested => {
                ("UnknownError".into(), nested_message(&self.code, &intune(CHALLENGE_OF_INTUNE)))
            }
        };
        let mut body = json!({"error": {
            "code": code,
            "message": message,
            "innerError": {
                "date": identity.date,
                "request-id": identity.request_id,
                "client-request-id": identity.client_request_id,
            },
        }});
        if let (Some(text), Some(inner)) = (repeated, body.pointer_mut("/error/innerError")) {
            inner["message"] = json!(text);
        }
        ServiceResponse::json(self.status, body).with_headers(self.headers)
    }
}

impl From<ShapeError> for ServiceError {
    fn from(error: ShapeError) -> Self {
        Self { model: true, ..Self::bad_request(error.text) }
    }
}

impl From<ODataAddressError> for ServiceError {
    fn from(error: ODataAddressError) -> Self {
        match error {
            ODataAddressError::UnknownVersion(version) => {
                let text = format!(
                    "Invalid version: {}. The emulator serves Graph below /v1.0 and /beta, sign-in below /{{tenant}}/oauth2/v2.0, \
                     and test control below /_emulator.",
                    version.to_ascii_lowercase()
                );
                Self::plain(404, "ResourceNotFound", text)
            }
            ODataAddressError::NotUtf8(segment) => {
                Self::bad_request(format!("The segment '{segment}' of the request URL is not valid UTF-8."))
            }
            ODataAddressError::EmptySegment => Self::bad_request(
                "Empty segment encountered in request URL. Please make sure that a valid request URL is specified.",
            ),
        }
    }
}

/// Formatted by hand, since the order of the members and the white space are part of the shape.
fn intune_message(text: &str, headers: &str, incoming: &IncomingRequest, identity: &RequestIds) -> String {
    let path = ODataAddress::parse(incoming.path()).map(|address| address.service_path()).unwrap_or_default();
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

/// Formatted by hand, since the order of the members is part of the shape.
fn nested_message(code: &str, inner: &str) -> String {
    let (code, inner) = (Value::from(code), Value::from(inner));
    format!(
        "{{\"ErrorCode\":{code},\"Message\":{inner},\"Target\":null,\"Details\":null,\"InnerError\":null,\"InstanceAnnotations\":[]}}"
    )
}
