//! Parses an HTTP response or an item of a `$batch` into a JSON body or an error. Does no I/O.

use std::sync::Arc;

use serde::de::DeserializeOwned;

use crate::transport::text::excerpt;
use crate::transport::{Secret, json};

use super::call_record::CallRecord;
use super::error::Error;
use super::error_object::ErrorObject;
use super::json_body::{JsonBody, JsonError, MAX_CONTAINERS};
use super::request::without_query;
use super::response_problem::{BodyError, ResponseProblem};

/// A successful response.
#[derive(Debug, Clone)]
pub struct Response {
    /// The call.
    pub call: CallRecord,
    /// The JSON body; empty if the response had no body.
    pub body: JsonBody,
    /// The access token of the request, to be redacted from messages that quote the body.
    pub(super) token: Secret,
}

impl Response {
    /// Parses an HTTP response. `location` is the target of a redirect; `token` is redacted from messages that quote
    /// the response.
    pub fn parse(
        call: CallRecord,
        content_type: Option<String>,
        location: Option<&str>,
        body: &[u8],
        token: &Secret,
    ) -> Result<Self, Error> {
        if call.status.is_some_and(|status| (300..400).contains(&status)) {
            let to = location.map(|to| excerpt(&token.redact_in(without_query(to))));
            return Err(Error::undocumented(call, ResponseProblem::Redirect { to }));
        }
        let Ok(text) = std::str::from_utf8(body) else {
            let text = String::from_utf8_lossy(body);
            let problem =
                ResponseProblem::NotGraph { content_type, excerpt: excerpt(&token.redact_in(&text)) };
            return Err(Error::undocumented(call, problem));
        };
        Self::parse_text(call, content_type, &token.redact_in(text.trim_start_matches('\u{feff}')), token)
    }

    /// Parses the text of a response or of an item of a `$batch`. The token is already redacted in the text.
    pub(super) fn parse_text(
        call: CallRecord,
        content_type: Option<String>,
        text: &str,
        token: &Secret,
    ) -> Result<Self, Error> {
        if call.is_success() && text.trim().is_empty() {
            return Ok(Self { call, body: JsonBody::default(), token: token.clone() });
        }
        let problem = match JsonBody::parse(text) {
            // A count comes as plain text.
            Ok(body) if is_json(content_type.as_deref()) || body.is_integer() => {
                return Self::parse_json(call, body, token);
            }
            Err(JsonError::EndsEarly) => {
                return Err(Error::incomplete_response(call, Arc::new(BodyError::EndsEarly)));
            }
            Err(JsonError::TooDeep) => ResponseProblem::TooDeep,
            Err(JsonError::TooManyContainers) => ResponseProblem::TooManyContainers { limit: MAX_CONTAINERS },
            Ok(_) | Err(JsonError::NotJson) => {
                ResponseProblem::NotGraph { content_type, excerpt: excerpt(text) }
            }
        };
        Err(Error::undocumented(call, problem))
    }

    /// Parses a JSON body. JSON escapes can hide a token from the redaction of the text, so the parsed error is
    /// redacted again.
    fn parse_json(mut call: CallRecord, body: JsonBody, token: &Secret) -> Result<Self, Error> {
        if call.is_success() {
            return Ok(Self { call, body, token: token.clone() });
        }
        let object = json::parse_small(body.text().as_bytes()).and_then(|body| ErrorObject::parse(&body));
        let Some(object) = object.map(|object| object.redacted(token)) else {
            let content_type = Some("application/json".to_owned());
            let problem = ResponseProblem::NotGraph { content_type, excerpt: excerpt(body.text()) };
            return Err(Error::undocumented(call, problem));
        };
        call.request_id = call.request_id.or_else(|| object.request_id.clone());
        call.date = call.date.or_else(|| object.date.clone());
        Err(Error::Api { call: Box::new(call), object: Box::new(object) })
    }

    /// Decodes the body into a type that Graph documents. A body that is empty or has another shape is an error, never
    /// a default value.
    pub fn decode<T: DeserializeOwned>(self) -> Result<T, Error> {
        let Self { call, body, .. } = self;
        if body.is_empty() {
            let problem = ResponseProblem::NotGraph { content_type: None, excerpt: String::new() };
            return Err(Error::undocumented(call, problem));
        }
        body.decode().map_err(|error| Error::undocumented(call, wrong_shape(&error)))
    }
}

/// The message of the JSON library without line and column, because messages do not show the text.
fn wrong_shape(error: &serde_json::Error) -> ResponseProblem {
    let text = error.to_string();
    let problem = text.rsplit_once(" at line ").map_or(text.as_str(), |(problem, _)| problem);
    ResponseProblem::WrongShape { problem: excerpt(problem) }
}

/// Whether the content type names JSON, or is absent.
fn is_json(content_type: Option<&str>) -> bool {
    content_type.is_none_or(|content_type| content_type.to_ascii_lowercase().contains("json"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::request::{ApiVersion, Request};
    use serde_json::{Value, json};

    fn parse(status: u16, is_write: bool, text: &str) -> Result<Response, Error> {
        let request = if is_write {
            Request::post(ApiVersion::Beta, &["x"], json!({}))
        } else {
            Request::get(ApiVersion::Beta, &["x"])
        };
        let mut call = CallRecord::new(&request, "c-1".into());
        call.record_head(status, |_| None);
        Response::parse(
            call,
            Some("application/json;odata.metadata=minimal".into()),
            None,
            text.as_bytes(),
            &Secret::new("eyJ0eXAiOiJKV1QiLCJh"),
        )
    }

    #[test]
    fn an_empty_success_fails_only_when_it_is_decoded() {
        let response = parse(204, true, "").unwrap();
        assert!(response.body.is_empty());
        let error = response.decode::<Value>().unwrap_err();
        assert!(error.to_string().contains("an empty body"), "{error}");
        assert!(error.may_have_taken_effect());
    }

    #[test]
    fn an_empty_error_keeps_its_status() {
        let error = parse(504, false, "").unwrap_err();
        assert!(matches!(error, Error::Undocumented { .. }));
        assert!(error.is_unavailable());
    }

    #[test]
    fn a_token_that_a_proxy_repeats_is_redacted() {
        let page = parse(407, false, "<p>Authorization: Bearer eyJ0eXAiOiJKV1QiLCJh</p>").unwrap_err();
        let object = parse(400, false, r#"{"error": {"code": "x", "message": "bad eyJ0eXAiOiJKV1QiLCJh"}}"#)
            .unwrap_err();
        for error in [page, object] {
            assert!(error.to_string().contains("[redacted]"), "{error}");
            assert!(!format!("{error} {error:?}").contains("eyJ0eXAiOiJKV1QiLCJh"));
        }
    }

    #[test]
    fn a_body_that_is_not_utf_8_is_an_error() {
        let call = CallRecord::new(&Request::get(ApiVersion::Beta, &["x"]), "c-1".into());
        let error = Response::parse(call, None, None, b"{\"a\": \"\xff\"}", &Secret::new("t")).unwrap_err();
        assert!(matches!(error, Error::Undocumented { .. }));
    }

    #[test]
    fn an_excerpt_of_json_without_an_error_object_is_shown() {
        let error = parse(400, false, r#"{"fault": "quota"}"#).unwrap_err();
        assert!(error.to_string().contains("fault"), "{error}");
    }

    #[test]
    fn json_that_stops_in_the_middle_is_unreadable_or_an_unknown_outcome() {
        assert!(matches!(parse(200, false, r#"{"value": ["#), Err(Error::Unreadable { .. })));
        assert!(matches!(parse(200, true, r#"{"value": ["#), Err(Error::OutcomeUnknown { .. })));
        assert!(matches!(parse(400, true, r#"{"error": {"#), Err(Error::Unreadable { .. })));
    }

    #[test]
    fn deeply_nested_json_is_an_error() {
        let text = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        let error = parse(200, false, &text).unwrap_err();
        assert!(matches!(error, Error::Undocumented { problem: ResponseProblem::TooDeep, .. }), "{error}");
    }

    #[test]
    fn json_of_many_objects_is_an_error() {
        let text = format!("[{}{{}}]", "{},".repeat(200_000));
        let error = parse(200, false, &text).unwrap_err();
        assert!(
            matches!(error, Error::Undocumented { problem: ResponseProblem::TooManyContainers { .. }, .. }),
            "{error}"
        );
    }

    #[test]
    fn a_token_in_json_escapes_is_redacted() {
        let escaped: Vec<String> =
            "eyJ0eXAiOiJKV1QiLCJh".chars().map(|c| format!("\\u{:04x}", u32::from(c))).collect();
        let token = escaped.concat();
        let error = parse(400, false, &format!(r#"{{"error": {{"code": "x", "message": "bad {token}"}}}}"#));
        let error = error.unwrap_err();
        assert!(error.to_string().contains("bad [redacted]"), "{error}");
    }

    #[test]
    fn json_with_another_content_type_is_not_a_response_of_graph() {
        let body = br#"{"error": {"code": "ResourceNotFound", "message": "m"}}"#;
        for (content_type, is_gone) in [
            (None, true),
            (Some("Application/JSON"), true),
            (Some("application/problem+json; charset=utf-8"), true),
            (Some("text/html"), false),
            (Some(""), false),
        ] {
            let mut call = CallRecord::new(&Request::get(ApiVersion::Beta, &["x"]), "c-1".into());
            call.record_head(404, |_| None);
            let content_type = content_type.map(str::to_owned);
            let error = Response::parse(call, content_type, None, body, &Secret::new("t")).unwrap_err();
            assert_eq!(error.is_resource_not_found(), is_gone, "{error}");
        }
    }

    #[test]
    fn a_body_of_another_shape_is_an_error() {
        let error = parse(200, false, r#"{"value": 5}"#).unwrap().decode::<Vec<String>>().unwrap_err();
        assert!(matches!(error, Error::Undocumented { problem: ResponseProblem::WrongShape { .. }, .. }));
    }
}
