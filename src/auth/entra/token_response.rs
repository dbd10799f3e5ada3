//! Parses the successful response of a token service. A malformed response may still contain a token, so messages show
//! only its length, its content type and its member names.

use serde_json::{Map, Value, json};

use crate::auth::error::{ErrorResponse, SignInFailure};
use crate::transport::json::parse_small;
use crate::transport::text::single_line;

use super::error_response::parse_codes;

/// The limit for the response of a token service. A token has a few kilobytes.
pub(in crate::auth) const MAX_BODY_BYTES: usize = crate::transport::json::MAX_SMALL_BYTES;

/// The longest accepted lifetime of a token; a longer lifetime is capped. No token of Entra lives longer.
pub(in crate::auth) const MAX_LIFETIME_SECONDS: i64 = 2 * 24 * 3600;
const LIFETIME_MEMBERS: [&str; 2] = ["expires_in", "ext_expires_in"];

/// The longest member name that a message shows. A longer name may be a value in the wrong place.
const MAX_NAME_BYTES: usize = 24;
const MAX_NAMES: usize = 8;

/// A response with a status from 200 to 299.
#[derive(Debug, Clone, Copy)]
pub(in crate::auth) struct TokenResponse<'a> {
    /// The host and port of the service.
    pub(in crate::auth) service: &'a str,
    /// The HTTP status.
    pub(in crate::auth) status: u16,
    /// `Content-Type` as received.
    pub(in crate::auth) content_type: Option<&'a str>,
    /// The body.
    pub(in crate::auth) body: &'a [u8],
}

impl TokenResponse<'_> {
    /// Parses the members of the body. `token_name` is the name of the member that contains the token.
    ///
    /// # Errors
    /// The member with the token is missing or contains no usable token.
    pub(in crate::auth) fn parse(&self, token_name: &str) -> Result<Map<String, Value>, SignInFailure> {
        match parse_small(self.body) {
            Some(Value::Object(members))
                if members.get(token_name).and_then(Value::as_str).is_some_and(is_token) =>
            {
                Ok(members)
            }
            Some(Value::Object(members)) => {
                Err(self.rejection(&members).unwrap_or_else(|| self.missing_token()))
            }
            _ => Err(self.missing_token()),
        }
    }

    /// The failure for a response without a usable token.
    pub(in crate::auth) fn missing_token(&self) -> SignInFailure {
        let members = match parse_small(self.body) {
            Some(Value::Object(members)) => format!("with {}", member_names(&members)),
            Some(_) => "that are not a JSON object".to_owned(),
            None => "that are not JSON".to_owned(),
        };
        let content_type =
            self.content_type.map_or_else(|| "no content type".to_owned(), |name| single_line(name, 60));
        let shape = format!("{} bytes ({content_type}) {members}", self.body.len());
        SignInFailure::MissingToken { service: self.service.to_owned(), status: self.status, shape }
    }

    /// The failure for an Entra error that has a successful HTTP status; `None` if the body has no error codes. Keeps
    /// only the codes, because other members may contain secrets.
    fn rejection(&self, members: &Map<String, Value>) -> Option<SignInFailure> {
        let description = members.get("error_description").and_then(Value::as_str).unwrap_or_default();
        let codes = parse_codes(&Value::Object(members.clone()), description);
        let response = ErrorResponse {
            service: self.service.to_owned(),
            status: self.status,
            codes,
            ..ErrorResponse::default()
        };
        (!response.codes.is_empty()).then(|| SignInFailure::Rejected(Box::new(response)))
    }
}

/// The body in a form that is safe for `azure_identity`. That library reads a body without a token as an empty token,
/// and panics when it adds a huge lifetime to the current time.
///
/// # Errors
/// The response has no usable token.
pub(super) fn sanitize(response: &TokenResponse<'_>) -> Result<Vec<u8>, SignInFailure> {
    let mut members = response.parse("access_token")?;
    for name in LIFETIME_MEMBERS {
        if let Some(lifetime) = members.get(name).and_then(parse_seconds) {
            members.insert(name.to_owned(), json!(lifetime.min(MAX_LIFETIME_SECONDS)));
        }
    }
    Ok(Value::Object(members).to_string().into_bytes())
}

/// Parses seconds from a number, or from a string, which older services send. Rounds down; a negative number becomes 0.
#[expect(clippy::cast_possible_truncation, reason = "a number that is too large becomes the maximum")]
pub(in crate::auth) fn parse_seconds(value: &Value) -> Option<i64> {
    let number = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok());
    number.filter(|seconds: &f64| !seconds.is_nan()).map(|seconds| seconds.max(0.0) as i64)
}

/// Lists the member names, such as `the members expires_in, token_type and 2 others`.
fn member_names(members: &Map<String, Value>) -> String {
    let is_word = |name: &&str| {
        name.len() <= MAX_NAME_BYTES && name.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'_')
    };
    let shown: Vec<&str> = members.keys().map(String::as_str).filter(is_word).take(MAX_NAMES).collect();
    match (shown.is_empty(), members.len() - shown.len()) {
        (true, 0) => "no members".to_owned(),
        (true, others) => format!("{others} members"),
        (false, 0) => format!("the members {}", shown.join(", ")),
        (false, others) => format!("the members {} and {others} others", shown.join(", ")),
    }
}

/// Whether the text can be sent as a token in a header.
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "eyJ0eXAiOiJKV1QifQ.secret.x";

    fn sanitize_body(body: &str) -> Result<Value, String> {
        let response = TokenResponse {
            service: "login.example",
            status: 200,
            content_type: Some("application/json"),
            body: body.as_bytes(),
        };
        sanitize(&response)
            .map(|body| serde_json::from_slice(&body).unwrap())
            .map_err(|failure| format!("{failure} {failure:?}"))
    }

    #[test]
    fn a_lifetime_is_rounded_down_and_capped() {
        for (lifetime, expected) in [
            ("3599", 3599),
            ("3599.7", 3599),
            ("\"3599\"", 3599),
            ("-5", 0),
            ("1000000000000000000", 172_800),
            ("1e300", 172_800),
        ] {
            let body =
                sanitize_body(&format!(r#"{{"access_token":"a.b.c","expires_in":{lifetime}}}"#)).unwrap();
            assert_eq!(body["expires_in"], expected, "{lifetime}");
        }
    }

    #[test]
    fn a_byte_order_mark_is_accepted() {
        assert_eq!(sanitize_body("\u{feff}{\"access_token\":\"a.b.c\"}").unwrap()["access_token"], "a.b.c");
    }

    #[test]
    fn a_success_without_a_token_is_described_by_its_shape() {
        for (body, expected) in [
            (r#"{"expires_in":5}"#, "16 bytes (application/json) with the members expires_in"),
            (r#"{"access_token":""}"#, "19 bytes (application/json) with the members access_token"),
            (r#"{"access_token":null}"#, "with the members access_token"),
            (r#"{"access_token":"a\r\nX: y"}"#, "with the members access_token"),
            ("{}", "with no members"),
            ("<html>", "6 bytes (application/json) that are not JSON"),
            ("[]", "that are not a JSON object"),
        ] {
            let message = sanitize_body(body).unwrap_err();
            assert!(message.contains(expected), "{body}: {message}");
        }
    }

    #[test]
    fn no_token_is_shown_in_any_shape() {
        for body in [
            format!(r#"{{"access_token":"{TOKEN}"#),
            format!(r#"[{{"access_token":"{TOKEN}"}}]"#),
            format!(r#"{{"data":{{"access_token":"{TOKEN}"}}}}"#),
            format!(r#"callback({{"access_token":"{TOKEN}"}})"#),
            format!(r#""{{\"access_token\":\"{TOKEN}\"}}""#),
            format!(r#"{{"{TOKEN}":"access_token"}}"#),
            format!(r#"{{"error":"{TOKEN}","error_description":"AADSTS7000215: {TOKEN}"}}"#),
            TOKEN.to_owned(),
        ] {
            let message = sanitize_body(&body).unwrap_err();
            assert!(!message.contains("secret") && !message.contains("eyJ"), "{body}: {message}");
        }
        let message = sanitize_body(r#"{"error":"invalid_client","error_description":"AADSTS7000215: no"}"#)
            .unwrap_err();
        assert!(message.contains("7000215"), "{message}");
    }
}
