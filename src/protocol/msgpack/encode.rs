//! Encodes values as MessagePack, guided by the type.

use super::unknown;
use super::writer;
use crate::protocol::codec_error::{CodecError, CodecErrorKind, MAX_DEPTH};
use crate::protocol::type_check::{check_length, pair_attributes};
use crate::protocol::type_json;
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
        (_, Value::Null) => out.push(0xc0),
        (_, Value::Unknown(refinements)) => unknown::encode_unknown(refinements, ty, out)?,
        (Type::Bool, Value::Bool(boolean)) => writer::write_bool(*boolean, out),
        (Type::Number, Value::Number(number)) => writer::write_number(number, out)?,
        (Type::String, Value::String(text)) => writer::write_text(text, out)?,
        (Type::List(element), Value::List(elements)) => {
            encode_sequence(elements, elements.len(), std::iter::repeat(&**element), level, out)?;
        }
        (Type::Set(element), Value::Set(elements)) => {
            encode_sequence(elements, elements.len(), std::iter::repeat(&**element), level, out)?;
        }
        (Type::Tuple(positions), Value::Tuple(elements)) => {
            check_length(positions.len(), elements.len())?;
            encode_sequence(elements, elements.len(), positions, level, out)?;
        }
        (Type::Map(element), Value::Map(entries)) => {
            writer::write_map_header(entries.len(), out)?;
            let typed = entries.iter().map(|(key, value)| (key, value, &**element));
            encode_pairs(typed, CodecError::in_key, level, out)?;
        }
        (Type::Object(types), Value::Object(attributes)) => {
            let entries = pair_attributes(attributes, types)?;
            writer::write_map_header(attributes.len(), out)?;
            encode_pairs(entries, CodecError::in_attribute, level, out)?;
        }
        (Type::Dynamic, Value::Dynamic(concrete)) => encode_dynamic(concrete, level, out)?,
        (ty, value) => return Err(CodecErrorKind::type_mismatch(ty.kind(), value).into()),
    }
    Ok(())
}

fn encode_dynamic(concrete: &DynamicValue, level: usize, out: &mut Vec<u8>) -> Result<(), CodecError> {
    if concrete.ty == Type::Dynamic {
        return Err(CodecErrorKind::NotConcrete.into());
    }
    writer::write_array_header(2, out)?;
    writer::write_bin(&type_json::encode(&concrete.ty), out)?;
    encode_value(&concrete.value, &concrete.ty, level + 1, out)
}

fn encode_sequence<'a>(
    elements: impl IntoIterator<Item = &'a Value>,
    length: usize,
    types: impl IntoIterator<Item = &'a Type>,
    level: usize,
    out: &mut Vec<u8>,
) -> Result<(), CodecError> {
    writer::write_array_header(length, out)?;
    for (index, (element, ty)) in elements.into_iter().zip(types).enumerate() {
        encode_value(element, ty, level + 1, out).map_err(|error| error.in_index(index))?;
    }
    Ok(())
}

fn encode_pairs<'a>(
    entries: impl Iterator<Item = (&'a String, &'a Value, &'a Type)>,
    in_entry: impl Fn(CodecError, &str) -> CodecError,
    level: usize,
    out: &mut Vec<u8>,
) -> Result<(), CodecError> {
    for (name, entry, ty) in entries {
        writer::write_text(name, out)?;
        encode_value(entry, ty, level + 1, out).map_err(|error| in_entry(error, name))?;
    }
    Ok(())
}
