//! What the token endpoint refuses, and the body in which it says so. Decides nothing about when.
//!
//! ```text
//! {"error", "error_description", "error_codes": [n], "timestamp", "trace_id", "correlation_id", "error_uri"}
//! ```
//!
//! The description is `AADSTS<n>: <text> Trace ID: … Correlation ID: … Timestamp: …`; Entra has parted its pieces
//! by CRLF and by blanks, see [`ErrorDescription`]. Numbers are those of "Microsoft Entra authentication and
//! authorization error codes", Microsoft identity platform.

use serde_json::{Value, json};
use time::OffsetDateTime;

use super::application::Application;
use super::jwt::Jwt;
use crate::emulator::answer::{Answer, Body};
use crate::emulator::request::Identity;
use crate::emulator::semantics::ErrorDescription;
use crate::emulator::timestamp::second;

/// A token that is not issued.
#[derive(Debug)]
pub struct SignInError {
    status: u16,
    error: String,
    /// The number behind `AADSTS`; none for an error that is not Entra's.
    pub number: Option<u32>,
    text: String,
}

impl SignInError {
    /// An error with the number that the documentation gives it.
    pub fn new(status: u16, error: impl Into<String>, number: u32, text: impl Into<String>) -> Self {
        Self { status, error: error.into(), number: Some(number), text: text.into() }
    }

    /// An error that a test asked for; the number stands at the start of the text, if at all.
    pub fn requested(status: u16, error: String, text: &str) -> Self {
        let numbered = text.strip_prefix("AADSTS").and_then(|rest| rest.split_once(": "));
        let number = numbered.and_then(|(digits, _)| digits.parse().ok());
        let text = numbered.filter(|_| number.is_some()).map_or(text, |(_, rest)| rest);
        Self { status, error, number, text: text.to_owned() }
    }

    /// The client is not who it says, or cannot prove it.
    pub fn invalid_client(number: u32, text: impl Into<String>) -> Self {
        Self::new(401, "invalid_client", number, text)
    }

    /// The request does not say what it must.
    pub fn invalid_request(number: u32, text: impl Into<String>) -> Self {
        Self::new(400, "invalid_request", number, text)
    }

    /// A field of the form is not there.
    pub fn missing(field: &str) -> Self {
        Self::invalid_request(
            900_144,
            format!("The request body must contain the following parameter: '{field}'."),
        )
    }

    /// No application of the tenant has this id.
    pub fn unknown_application(client_id: &str, tenant: &str) -> Self {
        Self::new(
            400,
            "unauthorized_client",
            700_016,
            format!("Application with identifier '{client_id}' was not found in the directory '{tenant}'."),
        )
    }

    /// The resource is not Graph.
    pub fn unknown_resource(resource: &str) -> Self {
        let text = format!("The resource principal named {resource} was not found in the tenant.");
        Self::new(400, "invalid_resource", 500_011, text)
    }

    /// An assertion that is too old, or too young.
    pub fn outside_of_its_time(token: &Jwt, now: i64) -> Self {
        let shown = |name: &str| token.moment(name).map(|moment| moment.to_string()).unwrap_or_default();
        let text = format!(
            "Client assertion is not within its valid time range. Current time: {now}, assertion valid from {}, expiry \
             time of assertion {}.",
            shown("nbf"),
            shown("exp")
        );
        Self::invalid_client(700_024, text)
    }

    /// The signature of an assertion by certificate cannot be accepted.
    pub fn certificate(reason: &str, application: &Application) -> Self {
        let text = format!(
            "The certificate with identifier used to sign the client assertion is not registered on application. [Reason - \
             {reason} Configured keys belong to app Id '{}'.]",
            application.app_id
        );
        Self::invalid_client(700_027, text)
    }

    /// The answer to the request.
    pub fn into_answer(self, identity: &Identity, description: ErrorDescription) -> Answer {
        let timestamp = format!("{}Z", second(OffsetDateTime::now_utc()).replace('T', " "));
        let start = self.number.map_or(self.text.clone(), |number| format!("AADSTS{number}: {}", self.text));
        let pieces = [
            start,
            format!("Trace ID: {}", identity.request_id),
            format!("Correlation ID: {}", identity.client_request_id),
            format!("Timestamp: {timestamp}"),
        ];
        let uri = |number| format!("https://login.microsoftonline.com/error?code={number}");
        answer(
            self.status,
            &json!({
                "error": self.error,
                "error_description": pieces.join(description.separator()),
                "error_codes": self.number.into_iter().collect::<Vec<_>>(),
                "timestamp": timestamp,
                "trace_id": identity.request_id,
                "correlation_id": identity.client_request_id,
                "error_uri": self.number.map(uri),
            }),
        )
    }
}

/// An answer of an endpoint that is not Graph's.
pub fn answer(status: u16, document: &Value) -> Answer {
    let body =
        Body::Raw { text: document.to_string(), content_type: "application/json; charset=utf-8".to_owned() };
    Answer { body, ..Answer::empty(status) }
}
