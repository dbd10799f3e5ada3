//! Parses the error response of the authority or of a metadata service. Does not explain it.
//!
//! ```text
//! {"error": "invalid_client", "error_description": "AADSTS7000215: …\r\nTrace ID: …", "error_codes": [7000215],
//!  "timestamp": "2026-01-31 09:12:44Z", "trace_id": "…", "correlation_id": "…"}
//! {"error": {"code": "…", "message": "…"}}      {"statusCode": 400, "message": "…"}
//! ```
//!
//! ("Microsoft identity platform and the OAuth 2.0 client credentials flow", error response; "How to use managed
//! identities for App Service and Azure Functions".)

use azure_core::http::Url;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use crate::auth::error::{ErrorResponse, SignInFailure};
use crate::transport::Secret;
use crate::transport::json::parse_small;
use crate::transport::redaction::redact;
use crate::transport::text::{excerpt, single_line};

const MAX_DESCRIPTION_CHARACTERS: usize = 500;
/// Characters that need no encoding in a URL (RFC 3986).
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
const CODE_PREFIX: &str = "AADSTS";

/// Removes the secrets of a request from the text of its response.
#[derive(Debug, Clone, Default)]
pub(in crate::auth) struct SecretRedactor {
    secrets: Vec<Secret>,
}

impl SecretRedactor {
    /// Redacts these secrets in plain text and in the encodings in which a service may echo them.
    pub(in crate::auth) fn new(secrets: &[&Secret]) -> Self {
        Self { secrets: secrets.iter().flat_map(|secret| encodings(secret)).collect() }
    }

    /// The text without the secrets.
    fn redact(&self, text: &str) -> String {
        self.secrets.iter().fold(text.to_owned(), |text, secret| secret.redact_in(&text).into_owned())
    }
}

/// Converts an unsuccessful response into a failure.
pub(in crate::auth) fn parse_failure(
    service: &str,
    status: u16,
    body: &[u8],
    redactor: &SecretRedactor,
) -> SignInFailure {
    match parse_small(body).and_then(|body| parse_error_response(service, status, &body, redactor)) {
        Some(response) => SignInFailure::Rejected(Box::new(response)),
        None => unexpected_response(service, status, body, redactor),
    }
}

/// A failure that shows an excerpt of the body, for a response of unknown format.
pub(in crate::auth) fn unexpected_response(
    service: &str,
    status: u16,
    body: &[u8],
    redactor: &SecretRedactor,
) -> SignInFailure {
    // `redactor` removes the secrets of this request, `redact` everything that looks like a token or a password.
    let excerpt = excerpt(&redact(&redactor.redact(&String::from_utf8_lossy(body))));
    SignInFailure::UnexpectedResponse { service: service.to_owned(), status, excerpt }
}

/// Parses the error object of a body; `None` if there is none. Redacts secrets after parsing, because an escape
/// sequence in the JSON could hide a secret.
fn parse_error_response(
    service: &str,
    status: u16,
    body: &Value,
    redactor: &SecretRedactor,
) -> Option<ErrorResponse> {
    let text = |value: &Value| value.as_str().map(|text| redact(&redactor.redact(text)));
    let error = body.get("error").and_then(|error| text(error).or_else(|| text(error.get("code")?)));
    let description = body
        .get("error_description")
        .or_else(|| body.get("error")?.get("message"))
        .or_else(|| body.get("message"))
        .and_then(text);
    if error.is_none() && description.is_none() {
        return None;
    }
    let description = description.unwrap_or_default();
    let member = |name: &str| body.get(name).and_then(text).map(|text| single_line(&text, 100));
    Some(ErrorResponse {
        service: service.to_owned(),
        status,
        error: single_line(&error.unwrap_or_default(), 100),
        codes: parse_codes(body, &description),
        description: without_ids(&description),
        trace_id: member("trace_id"),
        correlation_id: member("correlation_id"),
        timestamp: member("timestamp"),
        presented_claims: None,
    })
}

/// Entra's text without the ids at its end, which are also members of the error object.
fn without_ids(description: &str) -> String {
    let line = single_line(description, MAX_DESCRIPTION_CHARACTERS);
    line.split(" Trace ID:").next().unwrap_or_default().to_owned()
}

/// Parses the codes in `error_codes`, followed by further codes in the description.
pub(super) fn parse_codes(body: &Value, description: &str) -> Vec<u32> {
    let listed = body.get("error_codes").and_then(Value::as_array).into_iter().flatten();
    let listed = listed.filter_map(|code| u32::try_from(code.as_u64()?).ok());
    let in_description = description.split(CODE_PREFIX).skip(1).filter_map(|text| {
        let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().ok()
    });
    let mut codes = Vec::new();
    for code in listed.chain(in_description) {
        if !codes.contains(&code) {
            codes.push(code);
        }
    }
    codes
}

/// The secret in plain text, percent-encoded, in base64, and form-encoded.
fn encodings(secret: &Secret) -> Vec<Secret> {
    let text = secret.expose();
    let percent_encoded = utf8_percent_encode(text, UNRESERVED).to_string();
    let mut encodings = vec![secret.clone(), Secret::new(percent_encoded)];
    encodings.extend([&STANDARD, &URL_SAFE_NO_PAD].map(|alphabet| Secret::new(alphabet.encode(text))));
    encodings.extend(form_encoded(text));
    encodings
}

fn form_encoded(text: &str) -> Option<Secret> {
    let url = Url::parse_with_params("http://localhost", [("s", text)]).ok()?;
    url.query()?.strip_prefix("s=").map(Secret::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "abc~DEF&ghi=JKL/mno+pqr";

    fn failure(status: u16, body: &str) -> SignInFailure {
        parse_failure("login.example", status, body.as_bytes(), &SecretRedactor::new(&[&Secret::new(SECRET)]))
    }

    fn rejected(body: &str) -> ErrorResponse {
        let SignInFailure::Rejected(response) = failure(400, body) else { panic!("not parsed: {body}") };
        *response
    }

    #[test]
    fn an_error_with_escape_sequences_is_parsed() {
        let response = rejected(
            r#"{"error":"invalid_client","error_description":"AADSTS7000215: Invalid \"client\u0027s\" secret.\r\nTrace ID: t-1\r\nTimestamp: x","error_codes":[7000215],"timestamp":"2026-01-31 09:12:44Z","trace_id":"t-1","correlation_id":"c-1"}"#,
        );
        assert_eq!(response.description, r#"AADSTS7000215: Invalid "client's" secret."#);
        assert_eq!((response.error.as_str(), response.codes), ("invalid_client", vec![7_000_215]));
        assert_eq!(response.trace_id.as_deref(), Some("t-1"));
        assert_eq!(response.correlation_id.as_deref(), Some("c-1"));
        assert_eq!(response.timestamp.as_deref(), Some("2026-01-31 09:12:44Z"));
    }

    #[test]
    fn codes_in_the_text_are_found_too() {
        let text =
            r#"{"error":"x","error_description":"AADSTS70021: a; AADSTS700213: b","error_codes":[70021]}"#;
        assert_eq!(rejected(text).codes, [70_021, 700_213]);
    }

    #[test]
    fn every_error_format_of_metadata_services_is_parsed() {
        for body in [
            r#"{"error":"invalid_request","error_description":"Identity not found"}"#,
            r#"{"error":{"code":"invalid_request","message":"Identity not found"}}"#,
            r#"{"statusCode":400,"message":"Identity not found"}"#,
        ] {
            assert_eq!(rejected(body).description, "Identity not found", "{body}");
        }
    }

    #[test]
    fn a_token_that_was_not_sent_is_redacted_too() {
        for body in [
            r#"{"error":"x","error_description":"refused eyJhbGciOiJub25lIn0.e30.x"}"#,
            "<p>access_token=opaque-text</p>",
        ] {
            let shown = format!("{:?}", failure(400, body));
            assert!(
                shown.contains("[redacted]") && !shown.contains("eyJ") && !shown.contains("opaque"),
                "{shown}"
            );
        }
    }

    #[test]
    fn a_body_of_unknown_format_is_shown_as_an_excerpt() {
        for body in ["<html>\r\n<b>Blocked</b></html>", "[]", "{}", "", r#"{"error":5}"#] {
            let shown = failure(403, body).to_string();
            assert!(shown.starts_with("login.example answered 403 with"), "{shown}");
        }
    }

    #[test]
    fn an_echoed_secret_is_redacted_in_every_encoding() {
        let form = "abc%7EDEF%26ghi%3DJKL%2Fmno%2Bpqr";
        let escaped: Vec<String> = SECRET.chars().map(|c| format!("\\u{:04x}", u32::from(c))).collect();
        let escaped = escaped.concat();
        for body in [
            format!(r#"{{"error":"x","error_description":"you sent {escaped}"}}"#),
            format!("<p>{}</p>", STANDARD.encode(SECRET)),
            "<p>abc~DEF%26ghi%3DJKL%2Fmno%2Bpqr</p>".to_owned(),
            format!(r#"{{"error":"x","error_description":"you sent {SECRET}"}}"#),
            format!("<p>client_secret={form}&grant_type"),
        ] {
            let shown = format!("{:?}", failure(400, &body));
            assert!(shown.contains("[redacted]") && !shown.contains("ghi"), "{shown}");
        }
    }
}
