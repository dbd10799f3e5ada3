//! Errors of the token endpoint and their bodies. Does not decide when they occur.
//!
//! ```text
//! {"error", "error_description", "error_codes": [n], "timestamp", "trace_id", "correlation_id", "error_uri"}
//! ```
//!
//! The description is `AADSTS<n>: <text> Trace ID: … Correlation ID: … Timestamp: …`. Entra has separated its
//! parts by CRLF and by spaces, see [`ErrorDescription`]. Numbers are those of "Microsoft Entra authentication
//! and authorization error codes", Microsoft identity platform.

use serde_json::{Value, json};
use time::OffsetDateTime;

use super::application::RegisteredApplication;
use super::jwt::Jwt;
use crate::emulator::request::RequestIds;
use crate::emulator::response::{ResponseBody, ServiceResponse};
use crate::emulator::semantics::ErrorDescription;
use crate::emulator::timestamp::second;

/// The reason why no token is issued.
#[derive(Debug)]
pub struct SignInError {
    status: u16,
    error: String,
    /// The number after `AADSTS`; none for an error of another service.
    pub number: Option<u32>,
    text: String,
}

impl SignInError {
    /// An error with its documented number.
    pub fn new(status: u16, error: impl Into<String>, number: u32, text: impl Into<String>) -> Self {
        Self { status, error: error.into(), number: Some(number), text: text.into() }
    }

    /// The error of a test fault. Its text may start with the number.
    pub fn injected(status: u16, error: String, text: &str) -> Self {
        let numbered = text.strip_prefix("AADSTS").and_then(|rest| rest.split_once(": "));
        let number = numbered.and_then(|(digits, _)| digits.parse().ok());
        let text = numbered.filter(|_| number.is_some()).map_or(text, |(_, rest)| rest);
        Self { status, error, number, text: text.to_owned() }
    }

    /// The client failed to authenticate.
    pub fn invalid_client(number: u32, text: impl Into<String>) -> Self {
        Self::new(401, "invalid_client", number, text)
    }

    /// The request is incomplete or malformed.
    pub fn invalid_request(number: u32, text: impl Into<String>) -> Self {
        Self::new(400, "invalid_request", number, text)
    }

    /// A form field is missing.
    pub fn missing(field: &str) -> Self {
        Self::invalid_request(
            900_144,
            format!("The request body must contain the following parameter: '{field}'."),
        )
    }

    /// The address names another tenant than the emulated one.
    pub fn unknown_tenant(tenant: &str) -> Self {
        let text = format!(
            "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct \
             cloud."
        );
        Self::invalid_request(90_002, text)
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

    /// The assertion has expired, or is not valid yet.
    pub fn outside_validity_period(token: &Jwt, now: i64) -> Self {
        let shown = |name: &str| token.moment(name).map(|moment| moment.to_string()).unwrap_or_default();
        let text = format!(
            "Client assertion is not within its valid time range. Current time: {now}, assertion valid from {}, expiry \
             time of assertion {}.",
            shown("nbf"),
            shown("exp")
        );
        Self::invalid_client(700_024, text)
    }

    /// The certificate or the signature of an assertion is not accepted.
    pub fn certificate(reason: &str, application: &RegisteredApplication) -> Self {
        let text = format!(
            "The certificate with identifier used to sign the client assertion is not registered on application. [Reason - \
             {reason} Configured keys belong to app Id '{}'.]",
            application.app_id
        );
        Self::invalid_client(700_027, text)
    }

    /// The answer to the request.
    pub fn into_response(self, identity: &RequestIds, description: ErrorDescription) -> ServiceResponse {
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

/// A response without Graph's content type.
pub fn answer(status: u16, document: &Value) -> ServiceResponse {
    let body = ResponseBody::Raw {
        text: document.to_string(),
        content_type: "application/json; charset=utf-8".to_owned(),
    };
    ServiceResponse { body, ..ServiceResponse::empty(status) }
}
