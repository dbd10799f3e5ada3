//! Renders a log record as the line of JSON that Terraform reads (plugin protocol, Logging). No I/O, no clock.
//!
//! ```text
//! {"@level":"info","@message":"…","@module":"provider","@timestamp":"2026-01-31T09:12:44.000123Z","tf_rpc":"…"}
//! ```
//!
//! The values of keys with `@` are always strings, because Terraform crashes on anything else. A field can never
//! replace them. A line is shorter than 64 KiB, because Terraform splits longer lines.

use std::error::Error;
use std::fmt::{Debug, Write};

use serde_json::{Map, Value};
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use tracing::Level;
use tracing::field::{Field, Visit};

use crate::plugin::log::level::Module;

/// The maximum length of a line, in bytes, with its line feed.
const MAX_LINE_BYTES: usize = 60 * 1024;

/// The length, in bytes, up to which strings are not truncated. A record with too many fields loses fields instead.
const MIN_TRUNCATED_BYTES: usize = 64;

/// Exactly six fractional digits. With any other number, Terraform treats the line as plain text.
const TIMESTAMP: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]Z");

/// The fields of a span or of an event.
#[derive(Debug, Clone, Default)]
pub(super) struct Fields(Map<String, Value>);

impl Fields {
    /// Adds the fields of an outer span that are not set yet.
    pub(super) fn inherit_from(&mut self, outer: &Fields) {
        for (name, value) in &outer.0 {
            if !self.0.contains_key(name) {
                self.0.insert(name.clone(), value.clone());
            }
        }
    }

    /// Removes and returns the message. `tracing` records the text of an event as a field of this name.
    pub(super) fn remove_message(&mut self) -> String {
        match self.0.remove("message") {
            Some(Value::String(message)) => message,
            Some(other) => other.to_string(),
            None => String::new(),
        }
    }

    fn insert_field(&mut self, field: &Field, value: impl Into<Value>) {
        // Keys with `@` are reserved for Terraform. `r#type` is Rust's spelling of a field named "type".
        let name = field.name().trim_start_matches("r#").trim_start_matches('@');
        if !name.is_empty() {
            self.0.insert(name.to_owned(), value.into());
        }
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.insert_field(field, format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.insert_field(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.insert_field(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.insert_field(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.insert_field(field, value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        // JSON has neither infinities nor NaN.
        let number = serde_json::Number::from_f64(value);
        self.insert_field(field, number.map_or_else(|| Value::from(value.to_string()), Value::Number));
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        let mut text = value.to_string();
        let mut source = value.source();
        while let Some(cause) = source {
            // Writing to a String cannot fail.
            let _ = write!(text, ": {cause}");
            source = cause.source();
        }
        self.insert_field(field, text);
    }
}

/// Renders a record as a line, with its line feed.
pub(super) fn render_line(
    level: Level,
    module: Module,
    time: OffsetDateTime,
    message: String,
    fields: Fields,
) -> Vec<u8> {
    let mut record = fields.0;
    record.insert("@level".to_owned(), level_name(level).into());
    record.insert("@message".to_owned(), message.into());
    record.insert("@module".to_owned(), module.name().into());
    record.insert("@timestamp".to_owned(), time.format(TIMESTAMP).unwrap_or_default().into());
    let mut line = encode_within_limit(record).into_bytes();
    line.push(b'\n');
    line
}

fn level_name(level: Level) -> &'static str {
    match level {
        Level::ERROR => "error",
        Level::WARN => "warn",
        Level::INFO => "info",
        Level::DEBUG => "debug",
        Level::TRACE => "trace",
    }
}

/// Truncates the longest string to half its length until the line fits. If many fields make the record too long, only
/// Terraform's keys are kept.
fn encode_within_limit(mut record: Map<String, Value>) -> String {
    loop {
        let text = Value::Object(record.clone()).to_string();
        if text.len() < MAX_LINE_BYTES {
            return text;
        }
        if !halve_longest_string(&mut record) {
            record.retain(|name, _| name.starts_with('@'));
        }
    }
}

/// Returns false if all strings are too short to truncate.
fn halve_longest_string(record: &mut Map<String, Value>) -> bool {
    let strings = record.values_mut().filter_map(|value| match value {
        Value::String(text) => Some(text),
        _ => None,
    });
    match strings.max_by_key(|text| text.len()) {
        Some(longest) if longest.len() > MIN_TRUNCATED_BYTES => {
            longest.truncate(longest.floor_char_boundary(longest.len() / 2));
            longest.push('…');
            true
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    fn encode(message: &str, fields: Map<String, Value>) -> Vec<u8> {
        let time = datetime!(2026-01-31 09:12:44.000123456 UTC);
        render_line(Level::INFO, Module::Provider, time, message.to_owned(), Fields(fields))
    }

    fn decode(line: &[u8]) -> Value {
        serde_json::from_slice(line).unwrap()
    }

    #[test]
    fn a_record_is_one_line_of_json_with_six_digits_of_a_second() {
        let fields = Map::from_iter([("tf_rpc".to_owned(), "GetProviderSchema".into())]);
        let text = String::from_utf8(encode("two\nlines", fields)).unwrap();
        let expected = concat!(
            r#"{"@level":"info","@message":"two\nlines","@module":"provider","#,
            r#""@timestamp":"2026-01-31T09:12:44.000123Z","tf_rpc":"GetProviderSchema"}"#,
            "\n"
        );
        assert_eq!(text, expected);
    }

    #[test]
    fn a_long_field_is_truncated_and_the_rest_is_kept() {
        let fields = Map::from_iter([
            ("body".to_owned(), "\u{1}ä".repeat(50_000).into()),
            ("tf_rpc".to_owned(), "ReadResource".into()),
        ]);
        let line = encode("message", fields);
        assert!(line.len() <= MAX_LINE_BYTES, "{}", line.len());
        let record = decode(&line);
        assert_eq!(record["tf_rpc"], "ReadResource");
        assert!(record["body"].as_str().unwrap().ends_with('…'));
    }

    #[test]
    fn a_long_message_is_truncated_too() {
        let line = encode(&"m".repeat(1_000_000), Map::new());
        assert!(line.len() <= MAX_LINE_BYTES);
        assert!(decode(&line)["@message"].as_str().unwrap().starts_with("mmm"));
    }

    #[test]
    fn a_record_with_too_many_fields_keeps_terraforms_keys() {
        let fields = (0..20_000).map(|number| (format!("field_{number}"), "x".into())).collect();
        let record = decode(&encode("message", fields));
        assert_eq!(record.as_object().unwrap().len(), 4);
        assert_eq!(record["@message"], "message");
    }
}
