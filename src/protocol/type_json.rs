//! Type constraints as JSON, in schemas and dynamic values. `json` holds values in JSON.
//!
//! ```text
//! "bool"  "number"  "string"  "dynamic"
//! ["list",T]  ["set",T]  ["map",T]  ["tuple",[T,...]]  ["object",{"name":T,...}]
//! ```
//!
//! An object type may list its optional attributes in a third element. It is ignored when read, and written for
//! parameters of functions. A tuple without elements may have `null` instead of an empty array, as Go encodes it.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::codec_error::{CodecError, CodecErrorKind};
use crate::terraform::ty::Type;
use crate::terraform::value::nfc;

/// Encodes a type constraint, without white space and with attribute names in byte order.
pub fn encode(ty: &Type) -> Vec<u8> {
    encode_with_optional(ty, &[])
}

/// Encodes a type constraint in which these attributes of every object are optional.
pub fn encode_with_optional(ty: &Type, optional: &[&str]) -> Vec<u8> {
    let mut out = Vec::new();
    write(ty, optional, &mut out);
    out
}

/// Decodes a type constraint.
pub fn decode(bytes: &[u8]) -> Result<Type, CodecError> {
    let json = serde_json::from_slice(bytes).map_err(|error| syntax_error(&error))?;
    Ok(from_json(&json)?)
}

/// Converts parsed JSON, whose depth the parser has limited.
pub(super) fn from_json(json: &Json) -> Result<Type, CodecErrorKind> {
    match json {
        Json::String(word) => parse_primitive(word),
        Json::Array(parts) => parse_compound(parts),
        _ => Err(CodecErrorKind::NotAType("neither a string nor an array")),
    }
}

/// The position of a syntax error. The parser's message is omitted, because it could quote the content.
pub(super) fn syntax_error(error: &serde_json::Error) -> CodecErrorKind {
    CodecErrorKind::Json { line: error.line(), column: error.column() }
}

/// Writes text as a JSON string.
pub(super) fn write_string(text: &str, out: &mut Vec<u8>) {
    let written = serde_json::to_writer(out, text);
    debug_assert!(written.is_ok(), "writing to memory cannot fail");
}

fn parse_primitive(word: &str) -> Result<Type, CodecErrorKind> {
    match word {
        "bool" => Ok(Type::Bool),
        "number" => Ok(Type::Number),
        "string" => Ok(Type::String),
        "dynamic" => Ok(Type::Dynamic),
        _ => Err(CodecErrorKind::NotAType("unknown primitive type")),
    }
}

fn parse_compound(parts: &[Json]) -> Result<Type, CodecErrorKind> {
    match parts {
        [Json::String(kind), inner] => match kind.as_str() {
            "list" => Ok(Type::list(from_json(inner)?)),
            "set" => Ok(Type::set(from_json(inner)?)),
            "map" => Ok(Type::map(from_json(inner)?)),
            "tuple" => parse_tuple(inner),
            "object" => parse_object(inner),
            _ => Err(CodecErrorKind::NotAType("unknown kind of type")),
        },
        [Json::String(kind), inner, Json::Array(optional)] if kind == "object" => {
            let ty = parse_object(inner)?;
            let known = |name: &Json| name.as_str().is_some_and(|name| ty.attribute(&nfc(name)).is_some());
            if optional.iter().all(known) {
                Ok(ty)
            } else {
                Err(CodecErrorKind::NotAType("unknown optional attribute"))
            }
        }
        _ => Err(CodecErrorKind::NotAType("not a pair of kind and content")),
    }
}

fn parse_tuple(positions: &Json) -> Result<Type, CodecErrorKind> {
    match positions {
        Json::Null => Ok(Type::Tuple(Vec::new())),
        Json::Array(positions) => Ok(Type::Tuple(positions.iter().map(from_json).collect::<Result<_, _>>()?)),
        _ => Err(CodecErrorKind::NotAType("a tuple needs an array of types")),
    }
}

fn parse_object(attributes: &Json) -> Result<Type, CodecErrorKind> {
    let Json::Object(attributes) = attributes else {
        return Err(CodecErrorKind::NotAType("an object needs its attributes"));
    };
    let typed = attributes.iter().map(|(name, ty)| Ok((nfc(name).into_owned(), from_json(ty)?)));
    Ok(Type::Object(typed.collect::<Result<_, CodecErrorKind>>()?))
}

fn write(ty: &Type, optional: &[&str], out: &mut Vec<u8>) {
    match ty {
        Type::Bool | Type::Number | Type::String | Type::Dynamic => write_string(ty.kind(), out),
        Type::List(element) | Type::Set(element) | Type::Map(element) => {
            write_compound(ty.kind(), out, |out| write(element, optional, out));
        }
        Type::Tuple(positions) => write_compound(ty.kind(), out, |out| {
            write_separated(b'[', positions, b']', out, |position, out| write(position, optional, out));
        }),
        Type::Object(attributes) => write_compound(ty.kind(), out, |out| {
            write_separated(b'{', attributes, b'}', out, |(name, ty), out| {
                write_string(name, out);
                out.push(b':');
                write(ty, optional, out);
            });
            write_optional_names(attributes, optional, out);
        }),
    }
}

/// The third element of an object type that has optional attributes.
fn write_optional_names(attributes: &BTreeMap<String, Type>, optional: &[&str], out: &mut Vec<u8>) {
    let mut names = attributes.keys().filter(|name| optional.contains(&name.as_str())).peekable();
    if names.peek().is_some() {
        out.push(b',');
        write_separated(b'[', names, b']', out, |name, out| write_string(name, out));
    }
}

fn write_compound(kind: &str, out: &mut Vec<u8>, write_content: impl FnOnce(&mut Vec<u8>)) {
    out.push(b'[');
    write_string(kind, out);
    out.push(b',');
    write_content(out);
    out.push(b']');
}

fn write_separated<T>(
    open: u8,
    items: impl IntoIterator<Item = T>,
    close: u8,
    out: &mut Vec<u8>,
    write_item: impl Fn(T, &mut Vec<u8>),
) {
    out.push(open);
    for (position, item) in items.into_iter().enumerate() {
        if position > 0 {
            out.push(b',');
        }
        write_item(item, out);
    }
    out.push(close);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Type, CodecError> {
        decode(text.as_bytes())
    }

    #[test]
    fn every_kind_survives_a_round_trip() {
        let ty = Type::object([
            ("z", Type::list(Type::Bool)),
            ("Z", Type::set(Type::Number)),
            ("a_b", Type::map(Type::Dynamic)),
            ("t", Type::Tuple(vec![Type::String, Type::Tuple(vec![])])),
            ("o", Type::object::<&str>([])),
        ]);
        let text = r#"["object",{"Z":["set","number"],"a_b":["map","dynamic"],"o":["object",{}],"t":["tuple",["string",["tuple",[]]]],"z":["list","bool"]}]"#;
        assert_eq!(String::from_utf8(encode(&ty)).unwrap(), text);
        assert_eq!(read(text), Ok(ty));
    }

    #[test]
    fn accepts_the_forms_of_go_and_of_module_variables() {
        assert_eq!(read(r#" [ "list" , "string" ] "#), Ok(Type::list(Type::String)));
        assert_eq!(read(r#"["tuple",null]"#), Ok(Type::Tuple(vec![])));
        assert_eq!(read(r#"["object",{"a":"bool"},["a"]]"#), Ok(Type::object([("a", Type::Bool)])));
        assert_eq!(read("[\"object\",{\"u\u{308}\":\"bool\"}]"), Ok(Type::object([("\u{fc}", Type::Bool)])));
    }

    #[test]
    fn optional_attributes_are_listed_at_every_object() {
        let target = Type::object([("type", Type::String), ("group_id", Type::String)]);
        let text = r#"["list",["object",{"group_id":"string","type":"string"},["group_id"]]]"#;
        let encoded = encode_with_optional(&Type::list(target.clone()), &["group_id", "other"]);
        assert_eq!(String::from_utf8(encoded).unwrap(), text);
        assert_eq!(read(text), Ok(Type::list(target)));
    }

    #[test]
    fn rejects_what_is_not_a_type() {
        for text in [
            "",
            "null",
            "5",
            "{}",
            "[]",
            r#""strings""#,
            r#""list""#,
            r#"["list"]"#,
            r#"["array","string"]"#,
            r#"["list","string","string"]"#,
            r#"["tuple","string"]"#,
            r#"["object",["a"]]"#,
            r#"["object",{"a":"bool"},["b"]]"#,
            r#"["object",{"a":"bool"},"a"]"#,
            r#""string" x"#,
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn rejects_nesting_beyond_the_limit() {
        let nested = |levels: usize| format!("{}\"bool\"{}", "[\"list\",".repeat(levels), "]".repeat(levels));
        assert!(read(&nested(120)).is_ok());
        assert!(read(&nested(130)).is_err());
        assert!(read(&"[\"list\",".repeat(1_000_000)).is_err());
    }
}
