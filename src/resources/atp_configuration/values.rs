//! Converts between strings and Terraform values.

use crate::terraform::value::Value;

/// The string value of an attribute; `None` if it is null or unknown.
pub(super) fn text(value: &Value, name: &str) -> Option<String> {
    value.attribute(name).and_then(Value::as_str).map(str::to_owned)
}

/// A string, or null.
pub(super) fn optional(text: Option<&str>) -> Value {
    text.map_or(Value::Null, Value::string)
}
