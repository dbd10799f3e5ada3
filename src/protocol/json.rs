//! Values as JSON: stored state, and the alternative field of a dynamic value. Types in JSON are in `type_json`.
//!
//! ```text
//! null, bool, string   as usual
//! number               all digits, no exponent
//! list, set, tuple     array
//! map, object          object, keys sorted by bytes
//! dynamic              {"value":...,"type":<type constraint>}, or null
//! unknown              has no form
//! ```
//!
//! Reading forgives more: a missing attribute is null, a number may be text, a bool may be the text `true` or `false`,
//! and text may be a number or a bool (cty, JSON encoding).

use std::cell::Cell;
use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::codec_error::{CodecError, MAX_DEPTH, Problem};
use super::fit::{check_length, pair_attributes};
use super::type_json::{self, json_problem, write_string};
use crate::terraform::number::Number;
use crate::terraform::ty::Type;
use crate::terraform::value::{SetValue, Value};

/// How many attributes may be missing in a short text. A longer one may lack one more for each of its bytes, which no
/// stored state comes near.
const MAX_MISSING_ATTRIBUTES: usize = 4096;

/// Reads a value of the given type. An attribute that the type does not have is an error, as in go-cty.
pub fn decode(bytes: &[u8], ty: &Type) -> Result<Value, CodecError> {
    read(parse(bytes)?, ty, &Forgiving::new(Unlisted::Refuse, bytes))
}

/// Reads stored state. Attributes that a newer schema has dropped are ignored at every level.
///
/// Terraform removes those itself only while the version of the schema stays the same (tfplugin6,
/// UpgradeResourceState).
pub fn decode_stored(bytes: &[u8], ty: &Type) -> Result<Value, CodecError> {
    read(parse(bytes)?, ty, &Forgiving::new(Unlisted::Ignore, bytes))
}

/// Writes a value of the given type. An unknown or infinite value is an error, and so is one of another type.
pub fn encode(value: &Value, ty: &Type) -> Result<Vec<u8>, CodecError> {
    let mut out = Vec::new();
    write(value, ty, 1, &mut out)?;
    Ok(out)
}

/// What happens to an attribute that the type does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unlisted {
    Refuse,
    Ignore,
}

/// What is forgiven while one value is read.
struct Forgiving {
    unlisted: Unlisted,
    /// How many more attributes may be missing.
    missing: Cell<usize>,
}

impl Forgiving {
    /// A value may be as long as its text, and not much longer: in a list of a thousand `{}` each would otherwise
    /// become all the attributes of a type, which the text of a dynamic value is free to choose.
    fn new(unlisted: Unlisted, bytes: &[u8]) -> Self {
        Self { unlisted, missing: Cell::new(bytes.len().saturating_add(MAX_MISSING_ATTRIBUTES)) }
    }

    fn missing_attribute(&self) -> Result<Json, Problem> {
        let left = self.missing.get().checked_sub(1).ok_or(Problem::TooManyMissing)?;
        self.missing.set(left);
        Ok(Json::Null)
    }
}

/// The parser keeps the digits of numbers and refuses nesting beyond [`MAX_DEPTH`], so reading need not count.
fn parse(bytes: &[u8]) -> Result<Json, Problem> {
    serde_json::from_slice(bytes).map_err(|error| json_problem(&error))
}

fn read(json: Json, ty: &Type, forgiving: &Forgiving) -> Result<Value, CodecError> {
    match (ty, json) {
        (_, Json::Null) => Ok(Value::Null),
        (Type::Bool, json) => read_bool(&json),
        (Type::Number, Json::Number(number)) => read_number(number.as_str()),
        (Type::Number, Json::String(text)) => read_number(&text),
        (Type::String, json) => read_string(json),
        (Type::Dynamic, Json::Object(pair)) => read_dynamic(pair, forgiving),
        (Type::List(element), Json::Array(elements)) => {
            Ok(Value::List(read_elements(elements, std::iter::repeat(&**element), forgiving)?))
        }
        (Type::Set(element), Json::Array(elements)) => {
            let elements = read_elements(elements, std::iter::repeat(&**element), forgiving)?;
            Ok(Value::Set(SetValue::new(elements)))
        }
        (Type::Tuple(positions), Json::Array(elements)) => {
            check_length(positions.len(), elements.len())?;
            Ok(Value::Tuple(read_elements(elements, positions, forgiving)?))
        }
        (Type::Map(element), Json::Object(entries)) => read_map(entries, element, forgiving),
        (Type::Object(attributes), Json::Object(entries)) => read_object(entries, attributes, forgiving),
        (ty, json) => Err(Problem::Misfit { expected: ty.kind(), found: kind(&json) }.into()),
    }
}

fn read_bool(json: &Json) -> Result<Value, CodecError> {
    match json {
        Json::Bool(truth) => Ok(Value::Bool(*truth)),
        Json::String(text) if text == "true" => Ok(Value::Bool(true)),
        Json::String(text) if text == "false" => Ok(Value::Bool(false)),
        json => Err(Problem::Misfit { expected: "bool", found: kind(json) }.into()),
    }
}

fn read_number(text: &str) -> Result<Value, CodecError> {
    Ok(Value::Number(text.parse::<Number>()?))
}

fn read_string(json: Json) -> Result<Value, CodecError> {
    match json {
        Json::String(text) => Ok(Value::string(text)),
        Json::Number(number) => Ok(Value::string(number.as_str())),
        Json::Bool(truth) => Ok(Value::string(truth.to_string())),
        json => Err(Problem::Misfit { expected: "string", found: kind(&json) }.into()),
    }
}

fn read_dynamic(mut pair: serde_json::Map<String, Json>, forgiving: &Forgiving) -> Result<Value, CodecError> {
    let (Some(ty), Some(json), true) = (pair.remove("type"), pair.remove("value"), pair.is_empty()) else {
        return Err(Problem::NotAPair.into());
    };
    let ty = type_json::from_json(&ty)?;
    if ty == Type::Dynamic {
        return Err(Problem::NotConcrete.into());
    }
    let value = read(json, &ty, forgiving)?;
    Ok(Value::dynamic(ty, value))
}

fn read_elements<'t>(
    elements: Vec<Json>,
    types: impl IntoIterator<Item = &'t Type>,
    forgiving: &Forgiving,
) -> Result<Vec<Value>, CodecError> {
    let pairs = elements.into_iter().zip(types).enumerate();
    pairs
        .map(|(index, (json, ty))| read(json, ty, forgiving).map_err(|error| error.in_index(index)))
        .collect()
}

fn read_map(
    entries: serde_json::Map<String, Json>,
    element: &Type,
    forgiving: &Forgiving,
) -> Result<Value, CodecError> {
    let typed = entries.into_iter().map(|(key, json)| match read(json, element, forgiving) {
        Ok(value) => Ok((key, value)),
        Err(error) => Err(error.in_key(&key)),
    });
    Ok(Value::map(typed.collect::<Result<Vec<_>, CodecError>>()?))
}

fn read_object(
    mut entries: serde_json::Map<String, Json>,
    attributes: &BTreeMap<String, Type>,
    forgiving: &Forgiving,
) -> Result<Value, CodecError> {
    let mut object = BTreeMap::new();
    for (name, ty) in attributes {
        let json = entries.remove(name).map_or_else(|| forgiving.missing_attribute(), Ok)?;
        let value = read(json, ty, forgiving).map_err(|error| error.in_attribute(name))?;
        object.insert(name.clone(), value);
    }
    match entries.into_iter().next() {
        Some((name, _)) if forgiving.unlisted == Unlisted::Refuse => {
            Err(Problem::UnknownAttribute(name).into())
        }
        _ => Ok(Value::Object(object)),
    }
}

fn kind(json: &Json) -> &'static str {
    match json {
        Json::Null => "null",
        Json::Bool(_) => "a bool",
        Json::Number(_) => "a number",
        Json::String(_) => "text",
        Json::Array(_) => "an array",
        Json::Object(_) => "an object",
    }
}

fn write(value: &Value, ty: &Type, level: usize, out: &mut Vec<u8>) -> Result<(), CodecError> {
    if level > MAX_DEPTH {
        return Err(Problem::TooDeep.into());
    }
    match (ty, value) {
        (_, Value::Unknown(_)) => return Err(Problem::UnknownInJson.into()),
        (_, Value::Null) => out.extend(b"null"),
        (Type::Bool, Value::Bool(truth)) => out.extend(if *truth { &b"true"[..] } else { b"false" }),
        (Type::Number, Value::Number(number)) if number.is_finite() => {
            out.extend(number.to_string().as_bytes());
        }
        (Type::Number, Value::Number(_)) => return Err(Problem::InfinityInJson.into()),
        (Type::String, Value::String(text)) => write_string(text, out),
        (Type::List(element), Value::List(elements)) => {
            write_elements(elements, std::iter::repeat(&**element), level, out)?;
        }
        (Type::Set(element), Value::Set(elements)) => {
            write_elements(elements, std::iter::repeat(&**element), level, out)?;
        }
        (Type::Tuple(positions), Value::Tuple(elements)) => {
            check_length(positions.len(), elements.len())?;
            write_elements(elements, positions, level, out)?;
        }
        (Type::Map(element), Value::Map(entries)) => {
            let typed = entries.iter().map(|(key, value)| (key, value, &**element));
            write_entries(typed, CodecError::in_key, level, out)?;
        }
        (Type::Object(types), Value::Object(attributes)) => {
            let entries = pair_attributes(attributes, types)?;
            write_entries(entries, CodecError::in_attribute, level, out)?;
        }
        (Type::Dynamic, Value::Dynamic(dynamic)) => {
            if dynamic.ty == Type::Dynamic {
                return Err(Problem::NotConcrete.into());
            }
            out.extend(b"{\"value\":");
            write(&dynamic.value, &dynamic.ty, level + 1, out)?;
            out.extend(b",\"type\":");
            out.extend(type_json::encode(&dynamic.ty));
            out.push(b'}');
        }
        (ty, value) => return Err(Problem::misfit(ty.kind(), value).into()),
    }
    Ok(())
}

fn write_elements<'a>(
    elements: impl IntoIterator<Item = &'a Value>,
    types: impl IntoIterator<Item = &'a Type>,
    level: usize,
    out: &mut Vec<u8>,
) -> Result<(), CodecError> {
    out.push(b'[');
    for (index, (value, ty)) in elements.into_iter().zip(types).enumerate() {
        if index > 0 {
            out.push(b',');
        }
        write(value, ty, level + 1, out).map_err(|error| error.in_index(index))?;
    }
    out.push(b']');
    Ok(())
}

fn write_entries<'a>(
    entries: impl Iterator<Item = (&'a String, &'a Value, &'a Type)>,
    in_entry: impl Fn(CodecError, &str) -> CodecError,
    level: usize,
    out: &mut Vec<u8>,
) -> Result<(), CodecError> {
    out.push(b'{');
    for (position, (name, value, ty)) in entries.enumerate() {
        if position > 0 {
            out.push(b',');
        }
        write_string(name, out);
        out.push(b':');
        write(value, ty, level + 1, out).map_err(|error| in_entry(error, name))?;
    }
    out.push(b'}');
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, ty: &Type) -> Value {
        decode(text.as_bytes(), ty).unwrap()
    }

    fn refusal(text: &str, ty: &Type) -> String {
        decode(text.as_bytes(), ty).unwrap_err().to_string()
    }

    fn written(value: &Value, ty: &Type) -> String {
        String::from_utf8(encode(value, ty).unwrap()).unwrap()
    }

    fn policy() -> Type {
        Type::object([
            ("id", Type::String),
            ("rows", Type::list(Type::object([("on", Type::Bool), ("size", Type::Number)]))),
        ])
    }

    #[test]
    fn values_are_written_in_one_form() {
        let value = Value::object([
            ("id", Value::string("a\"b")),
            ("rows", Value::list([Value::object([("on", Value::Null), ("size", Value::number_i64(-5))])])),
        ]);
        let text = r#"{"id":"a\"b","rows":[{"on":null,"size":-5}]}"#;
        assert_eq!(written(&value, &policy()), text);
        assert_eq!(read(text, &policy()), value);
        let dynamic = Value::dynamic(Type::list(Type::String), Value::list([Value::string("x")]));
        assert_eq!(written(&dynamic, &Type::Dynamic), r#"{"value":["x"],"type":["list","string"]}"#);
        let number = Value::Number("1e-7".parse().unwrap());
        assert_eq!(written(&number, &Type::Number), "0.0000001");
    }

    #[test]
    fn missing_attributes_are_null() {
        let expected = Value::object([("id", Value::Null), ("rows", Value::Null)]);
        assert_eq!(read("{}", &policy()), expected);
    }

    #[test]
    fn missing_attributes_do_not_multiply_a_text() {
        let attributes: Vec<_> = (0..500).map(|n| format!("\"a{n}\":\"bool\"")).collect();
        let text = |elements: usize| {
            let elements = vec!["{}"; elements].join(",");
            format!(
                "{{\"type\":[\"list\",[\"object\",{{{}}}]],\"value\":[{elements}]}}",
                attributes.join(",")
            )
        };
        assert!(decode(text(20).as_bytes(), &Type::Dynamic).is_ok());
        let error = refusal(&text(500), &Type::Dynamic);
        assert!(error.ends_with("more attributes are missing than the text has bytes"), "{error}");
    }

    #[test]
    fn related_kinds_are_converted() {
        assert_eq!(read(r#""true""#, &Type::Bool), Value::Bool(true));
        assert_eq!(read("1.50", &Type::String), Value::string("1.50"));
        assert_eq!(read("false", &Type::String), Value::string("false"));
        assert_eq!(read(r#""9007199254740993""#, &Type::Number), Value::number_i64(9_007_199_254_740_993));
        assert_eq!(read(r#""1e2""#, &Type::Number), Value::number_i64(100));
        assert_eq!(read("\"u\u{308}\"", &Type::String), Value::string("\u{fc}"));
    }

    #[test]
    fn numbers_keep_all_their_digits() {
        let text = "3.14159265358979323846264338327950288419716939937510582097494459";
        assert_eq!(written(&read(text, &Type::Number), &Type::Number), text);
    }

    #[test]
    fn dropped_attributes_are_ignored_in_stored_state_only() {
        let text = r#"{"id":"i","old":1,"rows":[{"on":true,"older":{"a":[]}}]}"#;
        assert_eq!(refusal(text, &policy()), r#"rows[0]: the type has no attribute "older""#);
        let expected = Value::object([
            ("id", Value::string("i")),
            ("rows", Value::list([Value::object([("on", Value::Bool(true)), ("size", Value::Null)])])),
        ]);
        assert_eq!(decode_stored(text.as_bytes(), &policy()), Ok(expected));
    }

    #[test]
    fn dropped_attributes_are_ignored_inside_dynamic_values_too() {
        let text = r#"{"value":{"a":true,"b":1},"type":["object",{"a":"bool"}]}"#;
        assert!(decode(text.as_bytes(), &Type::Dynamic).is_err());
        assert!(decode_stored(text.as_bytes(), &Type::Dynamic).is_ok());
    }

    #[test]
    fn mistakes_are_named_with_their_place_and_never_quoted() {
        let rows = |row: &str| format!(r#"{{"rows":[{{}},{row}]}}"#);
        assert_eq!(refusal(&rows(r#"{"on":"s3cret"}"#), &policy()), "rows[1].on: expected bool, found text");
        assert_eq!(
            refusal(&rows(r#"{"size":"s3cret"}"#), &policy()),
            "rows[1].size: the text is not a decimal number"
        );
        let map = Type::map(Type::Number);
        assert_eq!(refusal(r#"{"k":true}"#, &map), r#"["k"]: expected number, found a bool"#);
        let not_json = refusal(r#"{"id": s3cret}"#, &policy());
        assert!(not_json.starts_with("not JSON") && !not_json.contains("s3cret"), "{not_json}");
    }

    #[test]
    fn malformed_values_are_refused() {
        for (text, ty) in [
            ("", Type::String),
            ("1 2", Type::Number),
            ("[]", Type::map(Type::String)),
            ("{}", Type::list(Type::String)),
            ("[1]", Type::Tuple(vec![])),
            ("[]", Type::Tuple(vec![Type::Bool])),
            ("[]", Type::String),
            ("1e999999999", Type::Number),
            ("5", Type::Dynamic),
            (r#"{"value":5}"#, Type::Dynamic),
            (r#"{"value":5,"type":"number","more":1}"#, Type::Dynamic),
            (r#"{"value":null,"type":"dynamic"}"#, Type::Dynamic),
            (r#"{"value":[],"type":"number"}"#, Type::Dynamic),
        ] {
            assert!(decode(text.as_bytes(), &ty).is_err(), "{text} as {ty:?}");
        }
        assert!(decode("[".repeat(1_000_000).as_bytes(), &Type::Dynamic).is_err());
    }

    #[test]
    fn values_without_a_json_form_are_refused() {
        let error = encode(&Value::list([Value::unknown()]), &Type::list(Type::String)).unwrap_err();
        assert_eq!(error.to_string(), "[0]: an unknown value cannot be written as JSON");
        let infinity = Value::Number(Number::from_f64(f64::INFINITY).unwrap());
        assert!(encode(&infinity, &Type::Number).is_err());
        assert!(encode(&Value::Bool(true), &Type::String).is_err());
        assert!(encode(&Value::object([("id", Value::Null)]), &policy()).is_err());
    }
}
