//! From values to MessagePack, guided by the type.

use super::unknown;
use super::writer;
use crate::protocol::codec_error::{CodecError, MAX_DEPTH, Problem};
use crate::protocol::fit::{check_length, pair_attributes};
use crate::protocol::type_json;
use crate::terraform::ty::Type;
use crate::terraform::value::{DynamicValue, Value};

/// Writes one value; `level` is the depth at which it stands, counted from one.
pub(super) fn value(value: &Value, ty: &Type, level: usize, out: &mut Vec<u8>) -> Result<(), CodecError> {
    if level > MAX_DEPTH {
        return Err(Problem::TooDeep.into());
    }
    match (ty, value) {
        (_, Value::Null) => out.push(0xc0),
        (_, Value::Unknown(refinements)) => unknown::encode(refinements, ty, out)?,
        (Type::Bool, Value::Bool(truth)) => writer::bool(*truth, out),
        (Type::Number, Value::Number(number)) => writer::number(number, out)?,
        (Type::String, Value::String(text)) => writer::text(text, out)?,
        (Type::List(element), Value::List(elements)) => {
            sequence(elements, elements.len(), std::iter::repeat(&**element), level, out)?;
        }
        (Type::Set(element), Value::Set(elements)) => {
            sequence(elements, elements.len(), std::iter::repeat(&**element), level, out)?;
        }
        (Type::Tuple(positions), Value::Tuple(elements)) => {
            check_length(positions.len(), elements.len())?;
            sequence(elements, elements.len(), positions, level, out)?;
        }
        (Type::Map(element), Value::Map(entries)) => {
            writer::map_header(entries.len(), out)?;
            let typed = entries.iter().map(|(key, value)| (key, value, &**element));
            pairs(typed, CodecError::in_key, level, out)?;
        }
        (Type::Object(types), Value::Object(attributes)) => {
            let entries = pair_attributes(attributes, types)?;
            writer::map_header(attributes.len(), out)?;
            pairs(entries, CodecError::in_attribute, level, out)?;
        }
        (Type::Dynamic, Value::Dynamic(concrete)) => dynamic(concrete, level, out)?,
        (ty, value) => return Err(Problem::misfit(ty.kind(), value).into()),
    }
    Ok(())
}

fn dynamic(concrete: &DynamicValue, level: usize, out: &mut Vec<u8>) -> Result<(), CodecError> {
    if concrete.ty == Type::Dynamic {
        return Err(Problem::NotConcrete.into());
    }
    writer::array_header(2, out)?;
    writer::bin(&type_json::encode(&concrete.ty), out)?;
    value(&concrete.value, &concrete.ty, level + 1, out)
}

fn sequence<'a>(
    elements: impl IntoIterator<Item = &'a Value>,
    length: usize,
    types: impl IntoIterator<Item = &'a Type>,
    level: usize,
    out: &mut Vec<u8>,
) -> Result<(), CodecError> {
    writer::array_header(length, out)?;
    for (index, (element, ty)) in elements.into_iter().zip(types).enumerate() {
        value(element, ty, level + 1, out).map_err(|error| error.in_index(index))?;
    }
    Ok(())
}

fn pairs<'a>(
    entries: impl Iterator<Item = (&'a String, &'a Value, &'a Type)>,
    in_entry: impl Fn(CodecError, &str) -> CodecError,
    level: usize,
    out: &mut Vec<u8>,
) -> Result<(), CodecError> {
    for (name, entry, ty) in entries {
        writer::text(name, out)?;
        value(entry, ty, level + 1, out).map_err(|error| in_entry(error, name))?;
    }
    Ok(())
}
