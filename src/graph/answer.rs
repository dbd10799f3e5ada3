//! Reading an answer: status and body to JSON, or to the right error. The same for an HTTP response and for an item
//! of a `$batch`. Does not receive anything.

use serde::de::DeserializeOwned;

use crate::transport::problem::Cause;
use crate::transport::{Secret, json};

use super::body::{Json, MAX_CONTAINERS, Unfit};
use super::call::Call;
use super::error::{BodyProblem, Error, Finding, beginning_of};
use super::error_object::ErrorObject;
use super::request::without_query;

/// A success.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The call that was answered.
    pub call: Call,
    /// The JSON body; empty if there was none.
    pub body: Json,
    /// What was presented for it: covered where a message repeats more of the body.
    pub(super) token: Secret,
}

impl Answer {
    /// Judges status and body. `location` is where a redirect points; `token` is covered where a message repeats
    /// what was received.
    pub fn read(
        call: Call,
        content_type: Option<String>,
        location: Option<&str>,
        body: &[u8],
        token: &Secret,
    ) -> Result<Self, Error> {
        if call.status.is_some_and(|status| (300..400).contains(&status)) {
            let to = location.map(|to| beginning_of(&token.cover(without_query(to))));
            return Err(undocumented(call, Finding::Redirect { to }));
        }
        let Ok(text) = std::str::from_utf8(body) else {
            let text = String::from_utf8_lossy(body);
            let finding = Finding::NotGraph { content_type, beginning: beginning_of(&token.cover(&text)) };
            return Err(undocumented(call, finding));
        };
        Self::read_text(call, content_type, &token.cover(text.trim_start_matches('\u{feff}')), token)
    }

    /// Judges status and text, of an answer or of an item of a `$batch`.
    pub(super) fn read_text(
        call: Call,
        content_type: Option<String>,
        text: &str,
        token: &Secret,
    ) -> Result<Self, Error> {
        if call.succeeded() && text.trim().is_empty() {
            return Ok(Self { call, body: Json::default(), token: token.clone() });
        }
        let finding = match Json::read(text) {
            Ok(body) if is_json(content_type.as_deref()) => return Self::read_json(call, body, token),
            Err(Unfit::EndsEarly) => return Err(Error::lost(call, BodyProblem::EndsEarly)),
            Err(Unfit::TooDeep) => Finding::TooDeep,
            Err(Unfit::TooMany) => Finding::TooMany { limit: MAX_CONTAINERS },
            Ok(_) | Err(Unfit::NotJson) => Finding::NotGraph { content_type, beginning: beginning_of(text) },
        };
        Err(undocumented(call, finding))
    }

    /// Judges status and JSON body. An escape hides a token from a search of the text, so an error is searched again
    /// after reading.
    fn read_json(mut call: Call, body: Json, token: &Secret) -> Result<Self, Error> {
        if call.succeeded() {
            return Ok(Self { call, body, token: token.clone() });
        }
        let object = json::tree(body.text().as_bytes()).and_then(|body| ErrorObject::read(&body));
        let Some(object) = object.map(|object| object.covered(token)) else {
            let content_type = Some("application/json".to_owned());
            return Err(undocumented(
                call,
                Finding::NotGraph { content_type, beginning: beginning_of(body.text()) },
            ));
        };
        call.request_id = call.request_id.or_else(|| object.request_id.clone());
        call.date = call.date.or_else(|| object.date.clone());
        Err(Error::Answered { call: Box::new(call), object: Box::new(object) })
    }

    /// The body as a published type. An empty or differently shaped body is an error, never a default.
    pub fn decode<T: DeserializeOwned>(self) -> Result<T, Error> {
        let Self { call, body, .. } = self;
        if body.is_empty() {
            let finding = Finding::NotGraph { content_type: None, beginning: String::new() };
            return Err(undocumented(call, finding));
        }
        body.decode().map_err(|error| undocumented(call, wrong_shape(&error)))
    }
}

/// The message of the JSON library, without line and column: the text is not shown.
pub(super) fn wrong_shape(error: &serde_json::Error) -> Finding {
    let text = error.to_string();
    let problem = text.rsplit_once(" at line ").map_or(text.as_str(), |(problem, _)| problem);
    Finding::WrongShape { problem: beginning_of(problem) }
}

impl Error {
    /// An answer that did not arrive whole. For a write that is an unknown outcome, unless the status tells.
    pub(super) fn lost(call: Call, cause: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::lost_by(call, std::sync::Arc::new(cause))
    }

    /// The same with a cause that is shared already.
    pub(super) fn lost_by(call: Call, cause: Cause) -> Self {
        let call = Box::new(call);
        let told = call.status.is_some() && !call.succeeded();
        if call.write && !told {
            Self::OutcomeUnknown { call, cause }
        } else {
            Self::Unreadable { call, cause }
        }
    }
}

pub(super) fn undocumented(call: Call, finding: Finding) -> Error {
    Error::Undocumented { call: Box::new(call), finding }
}

/// Whether the body calls itself JSON, or nothing at all.
fn is_json(content_type: Option<&str>) -> bool {
    content_type.is_none_or(|content_type| content_type.to_ascii_lowercase().contains("json"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::request::{Request, Version};
    use serde_json::{Value, json};

    fn read(status: u16, write: bool, text: &str) -> Result<Answer, Error> {
        let request = if write {
            Request::post(Version::Beta, &["x"], json!({}))
        } else {
            Request::get(Version::Beta, &["x"])
        };
        let mut call = Call::new(&request, "c-1".into());
        call.note(status, |_| None);
        Answer::read(
            call,
            Some("application/json;odata.metadata=minimal".into()),
            None,
            text.as_bytes(),
            &Secret::new("eyJ0eXAiOiJKV1QiLCJh"),
        )
    }

    #[test]
    fn an_empty_success_is_fine_until_a_body_is_needed() {
        let answer = read(204, true, "").unwrap();
        assert!(answer.body.is_empty());
        let error = answer.decode::<Value>().unwrap_err();
        assert!(error.to_string().contains("an empty body"), "{error}");
        assert!(error.may_have_taken_effect());
    }

    #[test]
    fn an_empty_error_keeps_its_status() {
        let error = read(504, false, "").unwrap_err();
        assert!(matches!(error, Error::Undocumented { .. }));
        assert!(error.is_unavailable());
    }

    #[test]
    fn a_proxy_that_repeats_the_token_does_not_get_it_into_a_message() {
        let page = read(407, false, "<p>Authorization: Bearer eyJ0eXAiOiJKV1QiLCJh</p>").unwrap_err();
        let object = read(400, false, r#"{"error": {"code": "x", "message": "bad eyJ0eXAiOiJKV1QiLCJh"}}"#)
            .unwrap_err();
        for error in [page, object] {
            assert!(error.to_string().contains("[redacted]"), "{error}");
            assert!(!format!("{error} {error:?}").contains("eyJ0eXAiOiJKV1QiLCJh"));
        }
    }

    #[test]
    fn a_body_that_is_not_utf_8_is_an_error_and_never_repaired() {
        let call = Call::new(&Request::get(Version::Beta, &["x"]), "c-1".into());
        let error = Answer::read(call, None, None, b"{\"a\": \"\xff\"}", &Secret::new("t")).unwrap_err();
        assert!(matches!(error, Error::Undocumented { .. }));
    }

    #[test]
    fn json_without_an_error_object_is_shown_in_part() {
        let error = read(400, false, r#"{"fault": "quota"}"#).unwrap_err();
        assert!(error.to_string().contains("fault"), "{error}");
    }

    #[test]
    fn json_that_stops_in_the_middle_is_unreadable_or_an_unknown_outcome() {
        assert!(matches!(read(200, false, r#"{"value": ["#), Err(Error::Unreadable { .. })));
        assert!(matches!(read(200, true, r#"{"value": ["#), Err(Error::OutcomeUnknown { .. })));
        assert!(matches!(read(400, true, r#"{"error": {"#), Err(Error::Unreadable { .. })));
    }

    #[test]
    fn deeply_nested_json_is_an_error() {
        let text = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        let error = read(200, false, &text).unwrap_err();
        assert!(matches!(error, Error::Undocumented { finding: Finding::TooDeep, .. }), "{error}");
    }

    #[test]
    fn json_of_many_objects_is_an_error() {
        let text = format!("[{}{{}}]", "{},".repeat(200_000));
        let error = read(200, false, &text).unwrap_err();
        assert!(matches!(error, Error::Undocumented { finding: Finding::TooMany { .. }, .. }), "{error}");
    }

    #[test]
    fn a_token_in_escapes_does_not_get_into_a_message() {
        let escaped: Vec<String> =
            "eyJ0eXAiOiJKV1QiLCJh".chars().map(|c| format!("\\u{:04x}", u32::from(c))).collect();
        let token = escaped.concat();
        let error = read(400, false, &format!(r#"{{"error": {{"code": "x", "message": "bad {token}"}}}}"#));
        let error = error.unwrap_err();
        assert!(error.to_string().contains("bad [redacted]"), "{error}");
    }

    #[test]
    fn json_that_calls_itself_something_else_is_not_an_answer_of_graph() {
        let body = br#"{"error": {"code": "ResourceNotFound", "message": "m"}}"#;
        for (content_type, is_gone) in [
            (None, true),
            (Some("Application/JSON"), true),
            (Some("application/problem+json; charset=utf-8"), true),
            (Some("text/html"), false),
            (Some(""), false),
        ] {
            let mut call = Call::new(&Request::get(Version::Beta, &["x"]), "c-1".into());
            call.note(404, |_| None);
            let content_type = content_type.map(str::to_owned);
            let error = Answer::read(call, content_type, None, body, &Secret::new("t")).unwrap_err();
            assert_eq!(error.is_resource_not_found(), is_gone, "{error}");
        }
    }

    #[test]
    fn a_body_of_another_shape_is_an_error() {
        let error = read(200, false, r#"{"value": 5}"#).unwrap().decode::<Vec<String>>().unwrap_err();
        assert!(matches!(error, Error::Undocumented { finding: Finding::WrongShape { .. }, .. }));
    }
}
