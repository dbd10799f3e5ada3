//! The JSON form of values: what is accepted, converted and rejected, and where errors point.

use super::*;
use crate::terraform::number::Number;

fn decoded(text: &str, ty: &Type) -> Value {
    decode(text.as_bytes(), ty).unwrap()
}

fn decode_error(text: &str, ty: &Type) -> String {
    decode(text.as_bytes(), ty).unwrap_err().to_string()
}

fn encoded(value: &Value, ty: &Type) -> String {
    String::from_utf8(encode(value, ty).unwrap()).unwrap()
}

fn policy() -> Type {
    Type::object([
        ("id", Type::String),
        ("rows", Type::list(Type::object([("on", Type::Bool), ("size", Type::Number)]))),
    ])
}

#[test]
fn values_have_one_encoded_form() {
    let value = Value::object([
        ("id", Value::string("a\"b")),
        (
            "rows",
            Value::list([Value::object([("on", Value::Null), ("size", Value::Number(Number::Int(-5)))])]),
        ),
    ]);
    let text = r#"{"id":"a\"b","rows":[{"on":null,"size":-5}]}"#;
    assert_eq!(encoded(&value, &policy()), text);
    assert_eq!(decoded(text, &policy()), value);
    let dynamic = Value::dynamic(Type::list(Type::String), Value::list([Value::string("x")]));
    assert_eq!(encoded(&dynamic, &Type::Dynamic), r#"{"value":["x"],"type":["list","string"]}"#);
    let number = Value::Number("1e-7".parse().unwrap());
    assert_eq!(encoded(&number, &Type::Number), "0.0000001");
}

#[test]
fn missing_attributes_are_null() {
    let expected = Value::object([("id", Value::Null), ("rows", Value::Null)]);
    assert_eq!(decoded("{}", &policy()), expected);
}

#[test]
fn missing_attributes_cannot_expand_a_short_text() {
    let attributes: Vec<_> = (0..500).map(|n| format!("\"a{n}\":\"bool\"")).collect();
    let text = |elements: usize| {
        let elements = vec!["{}"; elements].join(",");
        format!("{{\"type\":[\"list\",[\"object\",{{{}}}]],\"value\":[{elements}]}}", attributes.join(","))
    };
    assert!(decode(text(20).as_bytes(), &Type::Dynamic).is_ok());
    let error = decode_error(&text(500), &Type::Dynamic);
    assert!(error.ends_with("more attributes are missing than the text has bytes"), "{error}");
}

#[test]
fn strings_convert_to_and_from_numbers_and_bools() {
    assert_eq!(decoded(r#""true""#, &Type::Bool), Value::Bool(true));
    assert_eq!(decoded("1.50", &Type::String), Value::string("1.50"));
    assert_eq!(decoded("false", &Type::String), Value::string("false"));
    assert_eq!(
        decoded(r#""9007199254740993""#, &Type::Number),
        Value::Number(Number::Int(9_007_199_254_740_993))
    );
    assert_eq!(decoded(r#""1e2""#, &Type::Number), Value::Number(Number::Int(100)));
    assert_eq!(decoded("\"u\u{308}\"", &Type::String), Value::string("\u{fc}"));
}

#[test]
fn numbers_keep_all_their_digits() {
    let text = "3.14159265358979323846264338327950288419716939937510582097494459";
    assert_eq!(encoded(&decoded(text, &Type::Number), &Type::Number), text);
}

#[test]
fn removed_attributes_are_ignored_in_stored_state_only() {
    let text = r#"{"id":"i","old":1,"rows":[{"on":true,"older":{"a":[]}}]}"#;
    assert_eq!(decode_error(text, &policy()), r#"rows[0]: the type has no attribute "older""#);
    let expected = Value::object([
        ("id", Value::string("i")),
        ("rows", Value::list([Value::object([("on", Value::Bool(true)), ("size", Value::Null)])])),
    ]);
    assert_eq!(decode_stored(text.as_bytes(), &policy()), Ok(expected));
}

#[test]
fn removed_attributes_are_ignored_inside_dynamic_values_too() {
    let text = r#"{"value":{"a":true,"b":1},"type":["object",{"a":"bool"}]}"#;
    assert!(decode(text.as_bytes(), &Type::Dynamic).is_err());
    assert!(decode_stored(text.as_bytes(), &Type::Dynamic).is_ok());
}

#[test]
fn errors_have_a_path_and_never_quote_the_value() {
    let rows = |row: &str| format!(r#"{{"rows":[{{}},{row}]}}"#);
    assert_eq!(decode_error(&rows(r#"{"on":"s3cret"}"#), &policy()), "rows[1].on: expected bool, found text");
    assert_eq!(
        decode_error(&rows(r#"{"size":"s3cret"}"#), &policy()),
        "rows[1].size: the text is not a decimal number"
    );
    let map = Type::map(Type::Number);
    assert_eq!(decode_error(r#"{"k":true}"#, &map), r#"["k"]: expected number, found a bool"#);
    let not_json = decode_error(r#"{"id": s3cret}"#, &policy());
    assert!(not_json.starts_with("invalid JSON") && !not_json.contains("s3cret"), "{not_json}");
}

#[test]
fn malformed_values_are_rejected() {
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
fn values_without_a_json_form_are_rejected() {
    let error = encode(&Value::list([Value::unknown()]), &Type::list(Type::String)).unwrap_err();
    assert_eq!(error.to_string(), "[0]: an unknown value cannot be written as JSON");
    let infinity = Value::Number(Number::from_f64(f64::INFINITY).unwrap());
    assert!(encode(&infinity, &Type::Number).is_err());
    assert!(encode(&Value::Bool(true), &Type::String).is_err());
    assert!(encode(&Value::object([("id", Value::Null)]), &policy()).is_err());
}
