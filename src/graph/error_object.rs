//! Parses Graph's error object and unwraps the messages that Intune nests in it. Does not judge the error.
//!
//! ```text
//! A  {"error": {"code", "message": "a sentence", "details": […], "innerError": {"date", "request-id", …}}}
//! B  message is JSON in a string: {"Message": "a sentence - Operation ID (…): … - Activity ID: … - Url: …",
//!                                  "CustomApiErrorPhrase": "…", …}
//! C  message is JSON in a string: {"ErrorCode": "Forbidden", "Message": "shape B in a string", …}
//! D  as A, from the router: code "No method match route template"
//! E  as A, but " - Operation ID …" or " - CustomApiErrorPhrase: …" follows the sentence in plain text
//! ```
//!
//! Not supported: the token endpoint's `{"error": "…", "error_description": "…"}`, which Graph does not send.

use std::fmt;

use serde_json::{Map, Value};

use crate::transport::text::{excerpt, single_line};
use crate::transport::{Secret, json};

/// How many levels of JSON in strings are unwrapped. Shape C needs two; more than four are a mistake or an attack.
const MAX_NESTED_MESSAGES: usize = 4;

/// Longer messages are cut: a hostile or broken response must not fill the terminal.
const MAX_MESSAGE_CHARS: usize = 2_000;

/// Further details are omitted, because they could fill the terminal as well.
const MAX_DETAILS: usize = 10;

/// Graph's description of a failure.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ErrorObject {
    /// The error code; the innermost code if Intune has wrapped its own code in `UnknownError`. Empty if there is none.
    pub code: String,
    /// The message, without the ids that Intune appends. Empty if there is none.
    pub message: String,
    /// `CustomApiErrorPhrase`, which sometimes names the cause (`FeatureDisabled`).
    pub phrase: Option<String>,
    /// Intune's id of the operation.
    pub activity_id: Option<String>,
    /// `innerError`: Graph's id of the request.
    pub request_id: Option<String>,
    /// `innerError`: the client's id of the request, as Graph received it.
    pub client_request_id: Option<String>,
    /// `innerError`: the time of the error, in RFC 3339, UTC.
    pub date: Option<String>,
    /// `details`: further messages, each prefixed with its code.
    pub details: Vec<String>,
}

impl ErrorObject {
    /// Parses the body of a response; `None` if it has no error object.
    pub fn parse(body: &Value) -> Option<Self> {
        let error = body.get("error")?.as_object()?;
        let mut object = Self { code: short_text(error, "code").unwrap_or_default(), ..Self::default() };
        object.unwrap_message(&string_member(error, "message").unwrap_or_default(), MAX_NESTED_MESSAGES);
        // The documentation spells the member in lower case, the service does not.
        let inner = error.get("innerError").or_else(|| error.get("innererror"));
        if let Some(inner) = inner.and_then(Value::as_object) {
            object.request_id = short_text(inner, "request-id");
            object.client_request_id = short_text(inner, "client-request-id");
            object.date = short_text(inner, "date").map(add_utc_zone);
        }
        let details = error.get("details").and_then(Value::as_array);
        object.details = details.into_iter().flatten().filter_map(format_detail).take(MAX_DETAILS).collect();
        Some(object)
    }

    /// Redacts a secret in every member.
    #[must_use]
    pub(super) fn redacted(mut self, secret: &Secret) -> Self {
        let texts = [&mut self.code, &mut self.message].into_iter().chain(&mut self.details);
        let optional_texts =
            [&mut self.phrase, &mut self.activity_id, &mut self.request_id, &mut self.client_request_id];
        for text in texts.chain(optional_texts.into_iter().flatten()).chain(&mut self.date) {
            *text = secret.redact_in(text).into_owned();
        }
        self
    }

    /// Sets the message. If the message is JSON in a string (shapes B and C), also sets the code and the phrase.
    fn unwrap_message(&mut self, message: &str, remaining_levels: usize) {
        let wrapped = match json::parse_small(message.as_bytes()) {
            Some(Value::Object(map)) if remaining_levels > 0 => Some(map),
            _ => None,
        };
        let Some((wrapped, inner)) =
            wrapped.and_then(|map| string_member(&map, "Message").map(|inner| (map, inner)))
        else {
            self.split_message(message);
            return;
        };
        if let Some(code) = short_text(&wrapped, "ErrorCode") {
            self.code = code;
        }
        self.phrase = short_text(&wrapped, "CustomApiErrorPhrase").or(self.phrase.take());
        self.unwrap_message(&inner, remaining_levels - 1);
    }

    /// Separates the message from the facts that Intune appends to it.
    fn split_message(&mut self, message: &str) {
        self.activity_id = appended_value(message, " - Activity ID: ").or(self.activity_id.take());
        self.phrase = appended_value(message, " - CustomApiErrorPhrase: ").or(self.phrase.take());
        let labels = [" - Operation ID", " - Activity ID: ", " - CustomApiErrorPhrase: "];
        let end = labels.iter().filter_map(|label| message.find(label)).min().unwrap_or(message.len());
        self.message = single_line(message.get(..end).unwrap_or(message), MAX_MESSAGE_CHARS);
    }
}

/// `ResourceNotFound: An error has occurred (FeatureDisabled)`; the phrase in parentheses is optional.
impl fmt::Display for ErrorObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = if self.code.is_empty() { "no code" } else { &self.code };
        write!(f, "{code}: {}", if self.message.is_empty() { "no message" } else { &self.message })?;
        self.phrase.as_ref().map_or(Ok(()), |phrase| write!(f, " ({phrase})"))
    }
}

/// A member that is a non-empty string.
fn string_member(map: &Map<String, Value>, name: &str) -> Option<String> {
    map.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// A short string member: a code, an id, a phrase.
fn short_text(map: &Map<String, Value>, name: &str) -> Option<String> {
    string_member(map, name).map(|text| excerpt(&text))
}

/// The value that Intune appends to a message after a label.
fn appended_value(message: &str, label: &str) -> Option<String> {
    let (_, after_label) = message.split_once(label)?;
    after_label.split([' ', '\r', '\n']).next().filter(|word| !word.is_empty()).map(excerpt)
}

/// Appends `Z` to a `date` without a time zone. Such dates are in UTC, as responses of the service and "Microsoft Graph
/// error responses and resource types" show.
fn add_utc_zone(date: String) -> String {
    if date.ends_with('Z') || date.contains('+') { date } else { format!("{date}Z") }
}

fn format_detail(value: &Value) -> Option<String> {
    let map = value.as_object()?;
    match (short_text(map, "code"), short_text(map, "message")) {
        (Some(code), Some(message)) => Some(format!("{code}: {message}")),
        (code, message) => code.or(message),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const ACTIVITY: &str = "3b0bbf9e-1f0a-4f0c-8a51-1d2b8f6f2a11";

    fn intune_message(sentence: &str, phrase: &str) -> String {
        format!(
            "{{\r\n  \"_version\": 3,\r\n  \"Message\": \"{sentence} - Operation ID (for customer support): \
             00000000-0000-0000-0000-000000000000 - Activity ID: {ACTIVITY} - Url: \
             https://fef.example.manage.microsoft.com/x?api-version=1-2\",\r\n  \
             \"CustomApiErrorPhrase\": \"{phrase}\",\r\n  \"RetryAfter\": null,\r\n  \
             \"ErrorSourceService\": \"\",\r\n  \"HttpHeaders\": \"{{}}\"\r\n}}"
        )
    }

    fn parse(code: &str, message: &str) -> ErrorObject {
        ErrorObject::parse(&json!({"error": {"code": code, "message": message}})).unwrap()
    }

    #[test]
    fn a_plain_error_keeps_code_message_ids_and_details() {
        let object = ErrorObject::parse(&json!({"error": {
            "code": "Request_ResourceNotFound", "message": "Resource 'g' does not exist.",
            "details": [{"code": "a", "message": "b", "target": "t"}, {"message": "c"}, 5],
            "innerError": {"date": "2025-10-26T17:07:09", "request-id": "r-1", "client-request-id": "c-1"},
        }}));
        let expected = ErrorObject {
            code: "Request_ResourceNotFound".into(),
            message: "Resource 'g' does not exist.".into(),
            request_id: Some("r-1".into()),
            client_request_id: Some("c-1".into()),
            date: Some("2025-10-26T17:07:09Z".into()),
            details: vec!["a: b".into(), "c".into()],
            ..ErrorObject::default()
        };
        assert_eq!(object, Some(expected));
    }

    #[test]
    fn the_inner_error_is_read_in_the_spelling_of_the_documentation_too() {
        let body = json!({"error": {"code": "x", "message": "y", "innererror": {"request-id": "r-1"}}});
        assert_eq!(ErrorObject::parse(&body).unwrap().request_id.as_deref(), Some("r-1"));
    }

    #[test]
    fn a_message_that_is_json_in_a_string_is_unwrapped() {
        let object = parse("ResourceNotFound", &intune_message("An error has occurred", "FeatureDisabled"));
        assert_eq!(object.to_string(), "ResourceNotFound: An error has occurred (FeatureDisabled)");
        assert_eq!(object.activity_id.as_deref(), Some(ACTIVITY));
    }

    #[test]
    fn a_doubly_wrapped_message_gives_the_inner_code() {
        let wrapped = json!({"ErrorCode": "Forbidden", "Message": intune_message("An error has occurred", ""),
            "Target": null, "Details": null, "InnerError": null, "InstanceAnnotations": []});
        let object = parse("UnknownError", &wrapped.to_string());
        assert_eq!(object.to_string(), "Forbidden: An error has occurred");
        assert_eq!(object.activity_id.as_deref(), Some(ACTIVITY));
    }

    #[test]
    fn a_route_error_keeps_its_code_with_blanks() {
        let object =
            parse("No method match route template", "No OData route exists that match template ~/singleton");
        assert_eq!(object.code, "No method match route template");
        assert_eq!(object.message, "No OData route exists that match template ~/singleton");
    }

    #[test]
    fn an_old_flat_message_loses_the_appended_facts() {
        let object =
            parse("BadRequest", "Not possible - Activity ID: a-1 - CustomApiErrorPhrase: FeatureDisabled");
        assert_eq!(object.to_string(), "BadRequest: Not possible (FeatureDisabled)");
        assert_eq!(object.activity_id.as_deref(), Some("a-1"));
    }

    #[test]
    fn text_that_only_looks_like_json_is_shown_unchanged() {
        for message in ["{not json", "{\"Other\": 1}", "[1]", "17", "{\"Message\": 5}"] {
            assert_eq!(parse("BadRequest", message).message, message);
        }
    }

    #[test]
    fn a_message_is_cut_and_loses_control_characters() {
        let object = parse("a\u{1b}[2Jb", &format!("\u{1b}[31mred\r\n{}", "x".repeat(5_000)));
        assert_eq!(object.code, "a [2Jb");
        assert!(object.message.starts_with("[31mred x"), "{}", object.message);
        assert_eq!(object.message.len(), MAX_MESSAGE_CHARS);
    }

    #[test]
    fn deep_nesting_is_unwrapped_up_to_the_limit() {
        let mut message = "end".to_owned();
        for _ in 0..12 {
            message = json!({"Message": message}).to_string();
        }
        assert!(parse("BadRequest", &message).message.starts_with("{\"Message\""));
    }

    #[test]
    fn a_body_without_an_error_object_gives_none() {
        for body in [json!({}), json!({"error": "invalid_client"}), json!([]), json!(null)] {
            assert_eq!(ErrorObject::parse(&body), None);
        }
    }

    #[test]
    fn members_of_other_types_are_left_out() {
        let object =
            ErrorObject::parse(&json!({"error": {"code": 5, "message": null, "innerError": []}})).unwrap();
        assert_eq!(object.to_string(), "no code: no message");
    }
}
