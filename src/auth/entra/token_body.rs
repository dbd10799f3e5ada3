//! Reads a success of a service that hands out tokens. Whatever is wrong with it, it may hold a token, so a message
//! gives its length, its content type and the names of its members, and nothing else of it.

use serde_json::{Map, Value, json};

use crate::auth::error::{Problem, Refused};
use crate::transport::json::parse_small;
use crate::transport::text::single_line;

use super::error_body::codes;

/// No token of Entra lives longer; of what is said beyond that, nothing is believed. In seconds.
pub(in crate::auth) const LONGEST_LIFE_SECONDS: i64 = 2 * 24 * 3600;
const LIVES: [&str; 2] = ["expires_in", "ext_expires_in"];

/// Names of members are short words; anything else may be a value in the wrong place.
const LONGEST_NAME: usize = 24;
const MOST_NAMES: usize = 8;

/// An answer with one of the statuses 200 to 299.
#[derive(Debug, Clone, Copy)]
pub(in crate::auth) struct Success<'a> {
    /// Who answered: a host.
    pub(in crate::auth) service: &'a str,
    /// Its status.
    pub(in crate::auth) status: u16,
    /// `Content-Type` as received.
    pub(in crate::auth) content_type: Option<&'a str>,
    /// The body.
    pub(in crate::auth) body: &'a [u8],
}

impl Success<'_> {
    /// The members of the body.
    ///
    /// # Errors
    /// There is no usable token under this name.
    pub(in crate::auth) fn with_token(&self, name: &str) -> Result<Map<String, Value>, Problem> {
        match parse_small(self.body) {
            Some(Value::Object(members))
                if members.get(name).and_then(Value::as_str).is_some_and(is_token) =>
            {
                Ok(members)
            }
            Some(Value::Object(members)) => Err(self.refused(&members).unwrap_or_else(|| self.withheld())),
            _ => Err(self.withheld()),
        }
    }

    /// The problem if there is no usable token in it.
    pub(in crate::auth) fn withheld(&self) -> Problem {
        let members = match parse_small(self.body) {
            Some(Value::Object(members)) => format!("with {}", names(&members)),
            Some(_) => "that are no JSON object".to_owned(),
            None => "that are no JSON".to_owned(),
        };
        let content_type =
            self.content_type.map_or_else(|| "no content type".to_owned(), |name| single_line(name, 60));
        let shape = format!("{} bytes ({content_type}) {members}", self.body.len());
        Problem::Withheld { service: self.service.to_owned(), status: self.status, shape }
    }

    /// An error of Entra under a status of success: its numbers, which are no secret.
    fn refused(&self, members: &Map<String, Value>) -> Option<Problem> {
        let description = members.get("error_description").and_then(Value::as_str).unwrap_or_default();
        let codes = codes(&Value::Object(members.clone()), description);
        let refused =
            Refused { service: self.service.to_owned(), status: self.status, codes, ..Refused::default() };
        (!refused.codes.is_empty()).then(|| Problem::Refused(Box::new(refused)))
    }
}

/// The body as `azure_identity` may read it: that library takes a body without a token for an empty token, and adds any
/// life to the clock, however long, which panics.
///
/// # Errors
/// There is no token in it.
pub(super) fn checked(success: &Success<'_>) -> Result<Vec<u8>, Problem> {
    let mut members = success.with_token("access_token")?;
    for name in LIVES {
        if let Some(life) = members.get(name).and_then(seconds) {
            members.insert(name.to_owned(), json!(life.min(LONGEST_LIFE_SECONDS)));
        }
    }
    Ok(Value::Object(members).to_string().into_bytes())
}

/// Whole seconds, from a number or from a text as older services send it. Not negative.
#[expect(clippy::cast_possible_truncation, reason = "a number that is too large becomes the largest")]
pub(in crate::auth) fn seconds(value: &Value) -> Option<i64> {
    let said = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok());
    said.filter(|seconds: &f64| !seconds.is_nan()).map(|seconds| seconds.max(0.0) as i64)
}

/// `the members expires_in, token_type and 2 others`
fn names(members: &Map<String, Value>) -> String {
    let is_word = |name: &&str| {
        name.len() <= LONGEST_NAME && name.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'_')
    };
    let shown: Vec<&str> = members.keys().map(String::as_str).filter(is_word).take(MOST_NAMES).collect();
    match (shown.is_empty(), members.len() - shown.len()) {
        (true, 0) => "no members".to_owned(),
        (true, others) => format!("{others} members"),
        (false, 0) => format!("the members {}", shown.join(", ")),
        (false, others) => format!("the members {} and {others} others", shown.join(", ")),
    }
}

/// What can stand in a header.
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "eyJ0eXAiOiJKV1QifQ.secret.x";

    fn read(body: &str) -> Result<Value, String> {
        let success = Success {
            service: "login.example",
            status: 200,
            content_type: Some("application/json"),
            body: body.as_bytes(),
        };
        let checked = checked(&success);
        checked
            .map(|body| serde_json::from_slice(&body).unwrap())
            .map_err(|problem| format!("{problem} {problem:?}"))
    }

    #[test]
    fn a_life_is_whole_seconds_and_no_longer_than_any_real_one() {
        for (said, expected) in [
            ("3599", 3599),
            ("3599.7", 3599),
            ("\"3599\"", 3599),
            ("-5", 0),
            ("1000000000000000000", 172_800),
            ("1e300", 172_800),
        ] {
            let body = read(&format!(r#"{{"access_token":"a.b.c","expires_in":{said}}}"#)).unwrap();
            assert_eq!(body["expires_in"], expected, "{said}");
        }
    }

    #[test]
    fn a_byte_order_mark_is_accepted() {
        assert_eq!(read("\u{feff}{\"access_token\":\"a.b.c\"}").unwrap()["access_token"], "a.b.c");
    }

    #[test]
    fn a_success_without_a_token_is_described_by_its_shape() {
        for (body, expected) in [
            (r#"{"expires_in":5}"#, "16 bytes (application/json) with the members expires_in"),
            (r#"{"access_token":""}"#, "19 bytes (application/json) with the members access_token"),
            (r#"{"access_token":null}"#, "with the members access_token"),
            (r#"{"access_token":"a\r\nX: y"}"#, "with the members access_token"),
            ("{}", "with no members"),
            ("<html>", "6 bytes (application/json) that are no JSON"),
            ("[]", "that are no JSON object"),
        ] {
            let message = read(body).unwrap_err();
            assert!(message.contains(expected), "{body}: {message}");
        }
    }

    #[test]
    fn whatever_the_shape_no_token_is_shown() {
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
            let message = read(&body).unwrap_err();
            assert!(!message.contains("secret") && !message.contains("eyJ"), "{body}: {message}");
        }
        let message =
            read(r#"{"error":"invalid_client","error_description":"AADSTS7000215: no"}"#).unwrap_err();
        assert!(message.contains("7000215"), "{message}");
    }
}
