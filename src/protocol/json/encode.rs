//! Encodes values as JSON, guided by the type.

use crate::protocol::codec_error::{CodecError, CodecErrorKind, MAX_DEPTH};
use crate::protocol::type_check::{check_length, pair_attributes};
use crate::protocol::type_json::{self, write_string};
use crate::terraform::ty::Type;
use crate::terraform::value::{DynamicValue, Value};

/// Encodes one value. `level` is its nesting depth, counted from one.
pub(super) fn encode_value(
    value: &Value,
    ty: &Type,
    level: usize,
    out: &mut Vec<u8>,
) -> Result<(), CodecError> {
    if level > MAX_DEPTH {
        return Err(CodecErrorKind::TooDeep.into());
    }
    match (ty, value) {
        (_, Value::Unknown(_)) => return Err(CodecErrorKind::UnknownInJson.into()),
        (_, Value::Null) => out.extend(b"null"),
        (Type::Bool, Value::Bool(boolean)) => out.extend(if *boolean { &b"true"[..] } else { b"false" }),
        (Type::Number, Value::Number(number)) if number.is_finite() => {
            out.extend(number.to_string().as_bytes());
        }
        (Type::Number, Value::Number(_)) => return Err(CodecErrorKind::InfinityInJson.into()),
        (Type::String, Value::String(text)) => write_string(text, out),
        (Type::List(element), Value::List(elements)) => {
            encode_elements(elements, std::iter::repeat(&**element), level, out)?;
        }
        (Type::Set(element), Value::Set(elements)) => {
            encode_elements(elements, std::iter::repeat(&**element), level, out)?;
        }
        (Type::Tuple(positions), Value::Tuple(elements)) => {
            check_length(positions.len(), elements.len())?;
            encode_elements(elements, positions, level, out)?;
        }
        (Type::Map(element), Value::Map(entries)) => {
            let typed = entries.iter().map(|(key, value)| (key, value, &**element));
            encode_entries(typed, CodecError::in_key, level, out)?;
        }
        (Type::Object(types), Value::Object(attributes)) => {
            let entries = pair_attributes(attributes, types)?;
            encode_entries(entries, CodecError::in_attribute, level, out)?;
        }
        (Type::Dynamic, Value::Dynamic(dynamic)) => encode_dynamic(dynamic, level, out)?,
        (ty, value) => return Err(CodecErrorKind::type_mismatch(ty.kind(), value).into()),
    }
    Ok(())
}

fn encode_dynamic(dynamic: &DynamicValue, level: usize, out: &mut Vec<u8>) -> Result<(), CodecError> {
    if dynamic.ty == Type::Dynamic {
        return Err(CodecErrorKind::NotConcrete.into());
    }
    out.extend(b"{\"value\":");
    encode_value(&dynamic.value, &dynamic.ty, level + 1, out)?;
    out.extend(b",\"type\":");
    out.extend(type_json::encode(&dynamic.ty));
    out.push(b'}');
    Ok(())
}

fn encode_elements<'a>(
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
        encode_value(value, ty, level + 1, out).map_err(|error| error.in_index(index))?;
    }
    out.push(b']');
    Ok(())
}

fn encode_entries<'a>(
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
        encode_value(value, ty, level + 1, out).map_err(|error| in_entry(error, name))?;
    }
    out.push(b'}');
    Ok(())
}
