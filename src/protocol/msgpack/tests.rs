//! What the public vectors do not cover: paths in errors, limits, and values that do not match their type.

use super::*;
use crate::protocol::codec_error::MAX_DEPTH;
use crate::terraform::number::Number;
use crate::terraform::value::{DynamicValue, Refinements, ValueRange};

fn rows() -> Type {
    Type::object([("rows", Type::list(Type::object([("id", Type::String), ("size", Type::Number)])))])
}

fn decode_error(bytes: &[u8], ty: &Type) -> String {
    decode(bytes, ty).unwrap_err().to_string()
}

fn unknown_not_null() -> Value {
    unknown(ValueRange { null: Some(false), ..ValueRange::default() })
}

fn unknown(range: ValueRange) -> Value {
    Value::Unknown(Refinements(Some(Box::new(range))))
}

#[test]
fn errors_have_a_path_and_never_quote_the_value() {
    let row = Value::object([("id", Value::string("s3cret")), ("size", Value::Number(Number::Int(1)))]);
    let value = Value::object([("rows", Value::list([row.clone(), row]))]);
    let bytes = encode(&value, &rows()).unwrap();
    let other =
        Type::object([("rows", Type::list(Type::object([("id", Type::Number), ("size", Type::Number)])))]);
    assert_eq!(decode_error(&bytes, &other), "rows[0].id: the text is not a decimal number");
    assert_eq!(encode(&value, &other).unwrap_err().to_string(), "rows[0].id: expected number, found string");
    let map = Type::map(Type::Bool);
    assert_eq!(decode_error(b"\x81\xa1k\xa1x", &map), "[\"k\"]: expected bool, found text");
    assert_eq!(decode_error(b"\xa1a\xa1b", &Type::String), "there are bytes after the end of the value");
}

#[test]
fn every_truncation_is_an_error() {
    let row = Value::object([("id", unknown_not_null()), ("size", Value::Number("0.1".parse().unwrap()))]);
    let bytes = encode(&Value::object([("rows", Value::list([row]))]), &rows()).unwrap();
    for length in 0..bytes.len() {
        assert!(decode(&bytes[..length], &rows()).is_err(), "cut after {length} bytes");
    }
}

#[test]
fn both_directions_enforce_the_depth_limit() {
    let nested = |levels: usize| {
        (1..levels)
            .fold((Type::Bool, Value::Bool(true)), |(ty, value), _| (Type::list(ty), Value::list([value])))
    };
    let (ty, value) = nested(MAX_DEPTH);
    let bytes = encode(&value, &ty).unwrap();
    assert_eq!(decode(&bytes, &ty), Ok(value));
    let (ty, value) = nested(MAX_DEPTH + 1);
    assert!(encode(&value, &ty).is_err());
    assert!(decode(&[&[0x91][..], &bytes].concat(), &ty).is_err());
}

#[test]
fn dynamic_values_cannot_nest_without_limit() {
    let wrapper = b"\x92\xc4\x12[\"list\",\"dynamic\"]\x91";
    let levels = |count: usize| [wrapper.repeat(count), vec![0xc0]].concat();
    assert!(decode(&levels(60), &Type::Dynamic).is_ok());
    assert!(
        decode(&levels(100_000), &Type::Dynamic).unwrap_err().to_string().ends_with("deeper than 128 levels")
    );
}

#[test]
fn unknown_refinements_are_skipped() {
    // {7: [{"a": nil}, 1.0, ext], 1: false}
    let range = b"\x82\x07\x93\x81\xa1a\xc0\xcb\x3f\xf0\0\0\0\0\0\0\xd4\0\0\x01\xc2";
    let bytes = [&[0xc7, u8::try_from(range.len()).unwrap(), 12], &range[..]].concat();
    assert_eq!(decode(&bytes, &Type::String), Ok(unknown_not_null()));
    let deep = [&[0xc8, 1, 3, 12, 0x81, 7][..], &[0x91; 256], &[0xc0]].concat();
    assert!(decode(&deep, &Type::String).is_err());
}

#[test]
fn refinements_that_do_not_apply_to_the_type_are_rejected() {
    let prefix = unknown(ValueRange { string_prefix: Some("a".to_owned()), ..ValueRange::default() });
    let length = unknown(ValueRange { length_min: Some(1), ..ValueRange::default() });
    assert!(encode(&prefix, &Type::Number).is_err());
    assert!(encode(&length, &Type::String).is_err());
    assert_eq!(encode(&prefix, &Type::Dynamic), Ok(vec![0xd4, 0, 0]));
    assert!(decode(&[0xc7, 3, 12, 0x81, 5, 0xff], &Type::list(Type::Bool)).is_err(), "negative length");
    assert!(decode(&[0xc7, 3, 12, 0x81, 0, 0xc2], &Type::String).is_err(), "key zero");
}

#[test]
fn refinements_that_are_too_long_are_shortened_or_omitted() {
    let prefix = unknown(ValueRange { string_prefix: Some("\u{fc}".repeat(200)), ..ValueRange::default() });
    let Ok(Value::Unknown(Refinements(Some(sent)))) =
        decode(&encode(&prefix, &Type::String).unwrap(), &Type::String)
    else {
        panic!("the refinement was lost");
    };
    assert_eq!(sent.string_prefix, Some("\u{fc}".repeat(128)));
    let huge: Number = "9".repeat(2000).parse().unwrap();
    let bound = unknown(ValueRange { number_min: Some((huge, true)), ..ValueRange::default() });
    assert_eq!(encode(&bound, &Type::Number), Ok(vec![0xd4, 0, 0]));
    assert_eq!(encode(&unknown(ValueRange::default()), &Type::String), Ok(vec![0xd4, 0, 0]));
}

#[test]
fn values_that_do_not_match_their_type_are_rejected() {
    for (value, ty) in [
        (Value::string("a"), Type::Number),
        (Value::string("a"), Type::Dynamic),
        (Value::list([]), Type::set(Type::Bool)),
        (Value::set([]), Type::list(Type::Bool)),
        (Value::map([("a", Value::Null)]), Type::object([("a", Type::Bool)])),
        (Value::object([("a", Value::Null)]), Type::map(Type::Bool)),
        (Value::object([("a", Value::Null)]), Type::object([("b", Type::Bool)])),
        (Value::object::<&str>([]), Type::object([("b", Type::Bool)])),
        (Value::Tuple(vec![Value::Null]), Type::Tuple(vec![])),
        (Value::list([Value::Bool(true)]), Type::list(Type::String)),
        (Value::dynamic(Type::Bool, Value::string("a")), Type::Dynamic),
        (Value::dynamic(Type::Bool, Value::Bool(true)), Type::Bool),
        (Value::Dynamic(Box::new(DynamicValue { ty: Type::Dynamic, value: Value::Null })), Type::Dynamic),
    ] {
        assert!(encode(&value, &ty).is_err(), "{value:?} as {ty:?}");
    }
}

#[test]
fn lengths_beyond_the_input_are_rejected_at_every_width() {
    for (bytes, ty) in [
        (&b"\xdd\x7f\xff\xff\xff\x00"[..], Type::list(Type::Number)),
        (b"\xdf\x7f\xff\xff\xff\xa1k\x00", Type::map(Type::Number)),
        (b"\xdc\xff\xff\x00", Type::set(Type::Number)),
        (b"\xc6\xff\xff\xff\xff\x00", Type::String),
        (b"\xc9\xff\xff\xff\xff\x0c\x00", Type::String),
    ] {
        assert_eq!(decode_error(bytes, &ty), "the bytes end before the value does");
    }
}
