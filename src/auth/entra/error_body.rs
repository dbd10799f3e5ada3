//! Reads a refusal of the authority or of a metadata service. Does not explain it.
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

use crate::auth::error::{Problem, Refused};
use crate::transport::Secret;
use crate::transport::json::parse_small;
use crate::transport::redaction::redact;
use crate::transport::text::{excerpt, single_line};

const LONGEST_DESCRIPTION: usize = 500;
/// What stands in a URL as it is (RFC 3986).
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
const PREFIX: &str = "AADSTS";

/// Covers what was sent in whatever is repeated from an answer.
#[derive(Debug, Clone, Default)]
pub(in crate::auth) struct Cover {
    secrets: Vec<Secret>,
}

impl Cover {
    /// Covers these as they are and in the spellings in which a service may repeat them.
    pub(in crate::auth) fn of(secrets: &[&Secret]) -> Self {
        Self { secrets: secrets.iter().flat_map(|secret| spellings(secret)).collect() }
    }

    /// The text with every secret covered.
    pub(in crate::auth) fn apply(&self, text: &str) -> String {
        self.secrets.iter().fold(text.to_owned(), |text, secret| secret.redact_in(&text).into_owned())
    }
}

/// The problem that an answer other than success tells.
pub(in crate::auth) fn read(service: &str, status: u16, body: &[u8], cover: &Cover) -> Problem {
    match parse_small(body).and_then(|body| refused(service, status, &body, cover)) {
        Some(refused) => Problem::Refused(Box::new(refused)),
        None => undocumented(service, status, body, cover),
    }
}

/// The problem of an answer that is not the one documented.
pub(in crate::auth) fn undocumented(service: &str, status: u16, body: &[u8], cover: &Cover) -> Problem {
    let beginning = excerpt(&redact(&cover.apply(&String::from_utf8_lossy(body))));
    Problem::Undocumented { service: service.to_owned(), status, beginning }
}

/// The error that a body tells, if it tells one. Covered after reading: an escape hides a secret from a search.
fn refused(service: &str, status: u16, body: &Value, cover: &Cover) -> Option<Refused> {
    let text = |value: &Value| value.as_str().map(|text| redact(&cover.apply(text)));
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
    Some(Refused {
        service: service.to_owned(),
        status,
        error: single_line(&error.unwrap_or_default(), 100),
        codes: codes(body, &description),
        description: said(&description),
        trace_id: member("trace_id"),
        correlation_id: member("correlation_id"),
        timestamp: member("timestamp"),
        presented: None,
    })
}

/// What Entra says, without the ids at its end, which have members of their own.
fn said(description: &str) -> String {
    let line = single_line(description, LONGEST_DESCRIPTION);
    line.split(" Trace ID:").next().unwrap_or_default().to_owned()
}

/// `error_codes` first, then those that the text names.
pub(super) fn codes(body: &Value, description: &str) -> Vec<u32> {
    let listed = body.get("error_codes").and_then(Value::as_array).into_iter().flatten();
    let listed = listed.filter_map(|code| u32::try_from(code.as_u64()?).ok());
    let named = description.split(PREFIX).skip(1).filter_map(|rest| {
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().ok()
    });
    let mut codes = Vec::new();
    for code in listed.chain(named) {
        if !codes.contains(&code) {
            codes.push(code);
        }
    }
    codes
}

/// As it is, in a form, in a URL, and in base64.
fn spellings(secret: &Secret) -> Vec<Secret> {
    let text = secret.expose();
    let in_a_url = utf8_percent_encode(text, UNRESERVED).to_string();
    let mut spellings = vec![secret.clone(), Secret::new(in_a_url)];
    spellings.extend([&STANDARD, &URL_SAFE_NO_PAD].map(|alphabet| Secret::new(alphabet.encode(text))));
    spellings.extend(in_a_form(text));
    spellings
}

fn in_a_form(text: &str) -> Option<Secret> {
    let url = Url::parse_with_params("http://localhost", [("s", text)]).ok()?;
    url.query()?.strip_prefix("s=").map(Secret::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "abc~DEF&ghi=JKL/mno+pqr";

    fn problem(status: u16, body: &str) -> Problem {
        read("login.example", status, body.as_bytes(), &Cover::of(&[&Secret::new(SECRET)]))
    }

    fn refusal(body: &str) -> Refused {
        let Problem::Refused(refused) = problem(400, body) else { panic!("not read: {body}") };
        *refused
    }

    #[test]
    fn an_error_with_escapes_is_read_whole() {
        let refused = refusal(
            r#"{"error":"invalid_client","error_description":"AADSTS7000215: Invalid \"client\u0027s\" secret.\r\nTrace ID: t-1\r\nTimestamp: x","error_codes":[7000215],"timestamp":"2026-01-31 09:12:44Z","trace_id":"t-1","correlation_id":"c-1"}"#,
        );
        assert_eq!(refused.description, r#"AADSTS7000215: Invalid "client's" secret."#);
        assert_eq!((refused.error.as_str(), refused.codes), ("invalid_client", vec![7_000_215]));
        assert_eq!(refused.trace_id.as_deref(), Some("t-1"));
        assert_eq!(refused.correlation_id.as_deref(), Some("c-1"));
        assert_eq!(refused.timestamp.as_deref(), Some("2026-01-31 09:12:44Z"));
    }

    #[test]
    fn the_numbers_are_found_in_the_text_too() {
        let text =
            r#"{"error":"x","error_description":"AADSTS70021: a; AADSTS700213: b","error_codes":[70021]}"#;
        assert_eq!(refusal(text).codes, [70_021, 700_213]);
    }

    #[test]
    fn other_shapes_of_metadata_services_are_read() {
        for body in [
            r#"{"error":"invalid_request","error_description":"Identity not found"}"#,
            r#"{"error":{"code":"invalid_request","message":"Identity not found"}}"#,
            r#"{"statusCode":400,"message":"Identity not found"}"#,
        ] {
            assert_eq!(refusal(body).description, "Identity not found", "{body}");
        }
    }

    #[test]
    fn a_token_that_was_not_sent_is_covered_too() {
        for body in [
            r#"{"error":"x","error_description":"refused eyJhbGciOiJub25lIn0.e30.x"}"#,
            "<p>access_token=opaque-text</p>",
        ] {
            let told = format!("{:?}", problem(400, body));
            assert!(
                told.contains("[redacted]") && !told.contains("eyJ") && !told.contains("opaque"),
                "{told}"
            );
        }
    }

    #[test]
    fn anything_else_is_told_by_its_beginning() {
        for body in ["<html>\r\n<b>Blocked</b></html>", "[]", "{}", "", r#"{"error":5}"#] {
            let told = problem(403, body).to_string();
            assert!(told.starts_with("login.example answered 403 with"), "{told}");
        }
    }

    #[test]
    fn a_secret_that_is_repeated_is_covered_in_every_spelling() {
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
            let told = format!("{:?}", problem(400, &body));
            assert!(told.contains("[redacted]") && !told.contains("ghi"), "{told}");
        }
    }
}
