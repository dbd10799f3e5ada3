//! Builds the results of data sources: the configured values, completed with the values from Graph.

use crate::terraform::number::Number;
use crate::terraform::value::Value;

/// The configuration with `attributes` added. Other configured attributes keep their values.
pub(super) fn complete(config: &Value, attributes: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
    let mut object = config.as_object().cloned().unwrap_or_default();
    for (name, value) in attributes {
        object.insert(name.to_owned(), value);
    }
    Value::Object(object)
}

/// The text of an attribute of the configuration; `None` if it is null.
pub(super) fn configured<'a>(config: &'a Value, name: &str) -> Option<&'a str> {
    config.attribute(name).and_then(Value::as_str)
}

/// A string, or null.
pub(super) fn text(text: Option<&str>) -> Value {
    text.map_or(Value::Null, Value::string)
}

/// A Boolean, or null.
pub(super) fn boolean(value: Option<bool>) -> Value {
    value.map_or(Value::Null, Value::Bool)
}

/// A number, or null.
pub(super) fn number(value: Option<i64>) -> Value {
    value.map_or(Value::Null, |number| Value::Number(Number::from(number)))
}

/// A count.
pub(super) fn count(count: usize) -> Value {
    number(i64::try_from(count).ok())
}

/// A set of strings; null if the service returned none.
pub(super) fn texts(texts: Option<&[String]>) -> Value {
    texts.map_or(Value::Null, |texts| Value::set(texts.iter().map(Value::string)))
}
