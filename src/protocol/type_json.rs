//! Type constraints as JSON, as schemas and dynamic values carry them. Values in JSON are in `json`.
//!
//! ```text
//! "bool"  "number"  "string"  "dynamic"
//! ["list",T]  ["set",T]  ["map",T]  ["tuple",[T,...]]  ["object",{"name":T,...}]
//! ```
//!
//! An object may name its optional attributes in a third element, which only module variables have: it is read and
//! dropped. A tuple without elements may have `null` for its list, as Go writes it.

use serde_json::Value as Json;

use super::codec_error::{CodecError, Problem};
use crate::terraform::ty::Type;
use crate::terraform::value::nfc;

/// Writes a type constraint: no whitespace, attribute names sorted by bytes.
pub fn encode(ty: &Type) -> Vec<u8> {
    let mut out = Vec::new();
    write(ty, &mut out);
    out
}

/// Reads a type constraint. The error tells that it is none.
pub fn decode(bytes: &[u8]) -> Result<Type, CodecError> {
    let json = serde_json::from_slice(bytes).map_err(|error| json_problem(&error))?;
    Ok(from_json(&json)?)
}

/// A type constraint from JSON that is parsed already, and so not nested too deeply.
pub(super) fn from_json(json: &Json) -> Result<Type, Problem> {
    match json {
        Json::String(word) => primitive(word),
        Json::Array(parts) => compound(parts),
        _ => Err(Problem::NotAType("neither a word nor an array")),
    }
}

/// What to say of a parser's error: its own text could quote the content.
pub(super) fn json_problem(error: &serde_json::Error) -> Problem {
    Problem::Json { line: error.line(), column: error.column() }
}

/// Writes text as a JSON string.
pub(super) fn write_string(text: &str, out: &mut Vec<u8>) {
    let written = serde_json::to_writer(out, text);
    debug_assert!(written.is_ok(), "text goes into memory without fail");
}

fn primitive(word: &str) -> Result<Type, Problem> {
    match word {
        "bool" => Ok(Type::Bool),
        "number" => Ok(Type::Number),
        "string" => Ok(Type::String),
        "dynamic" => Ok(Type::Dynamic),
        _ => Err(Problem::NotAType("unknown word")),
    }
}

fn compound(parts: &[Json]) -> Result<Type, Problem> {
    match parts {
        [Json::String(kind), inner] => match kind.as_str() {
            "list" => Ok(Type::list(from_json(inner)?)),
            "set" => Ok(Type::set(from_json(inner)?)),
            "map" => Ok(Type::map(from_json(inner)?)),
            "tuple" => tuple(inner),
            "object" => object(inner),
            _ => Err(Problem::NotAType("unknown kind")),
        },
        [Json::String(kind), inner, Json::Array(optional)] if kind == "object" => {
            let ty = object(inner)?;
            let known = |name: &Json| name.as_str().is_some_and(|name| ty.attribute(&nfc(name)).is_some());
            if optional.iter().all(known) {
                Ok(ty)
            } else {
                Err(Problem::NotAType("unknown optional attribute"))
            }
        }
        _ => Err(Problem::NotAType("not a pair of kind and content")),
    }
}

fn tuple(positions: &Json) -> Result<Type, Problem> {
    match positions {
        Json::Null => Ok(Type::Tuple(Vec::new())),
        Json::Array(positions) => Ok(Type::Tuple(positions.iter().map(from_json).collect::<Result<_, _>>()?)),
        _ => Err(Problem::NotAType("a tuple needs an array of types")),
    }
}

fn object(attributes: &Json) -> Result<Type, Problem> {
    let Json::Object(attributes) = attributes else {
        return Err(Problem::NotAType("an object needs its attributes"));
    };
    let typed = attributes.iter().map(|(name, ty)| Ok((nfc(name).into_owned(), from_json(ty)?)));
    Ok(Type::Object(typed.collect::<Result<_, Problem>>()?))
}

fn write(ty: &Type, out: &mut Vec<u8>) {
    match ty {
        Type::Bool | Type::Number | Type::String | Type::Dynamic => write_string(ty.kind(), out),
        Type::List(element) | Type::Set(element) | Type::Map(element) => {
            write_compound(ty.kind(), out, |out| write(element, out));
        }
        Type::Tuple(positions) => write_compound(ty.kind(), out, |out| {
            write_separated(b'[', positions, b']', out, write);
        }),
        Type::Object(attributes) => write_compound(ty.kind(), out, |out| {
            write_separated(b'{', attributes, b'}', out, |(name, ty), out| {
                write_string(name, out);
                out.push(b':');
                write(ty, out);
            });
        }),
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
    fn every_kind_is_written_and_read_back() {
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
    fn reads_what_go_and_module_variables_write() {
        assert_eq!(read(r#" [ "list" , "string" ] "#), Ok(Type::list(Type::String)));
        assert_eq!(read(r#"["tuple",null]"#), Ok(Type::Tuple(vec![])));
        assert_eq!(read(r#"["object",{"a":"bool"},["a"]]"#), Ok(Type::object([("a", Type::Bool)])));
        assert_eq!(read("[\"object\",{\"u\u{308}\":\"bool\"}]"), Ok(Type::object([("\u{fc}", Type::Bool)])));
    }

    #[test]
    fn refuses_what_is_no_type() {
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
    fn refuses_endless_nesting() {
        let nested = |levels: usize| format!("{}\"bool\"{}", "[\"list\",".repeat(levels), "]".repeat(levels));
        assert!(read(&nested(120)).is_ok());
        assert!(read(&nested(130)).is_err());
        assert!(read(&"[\"list\",".repeat(1_000_000)).is_err());
    }
}
