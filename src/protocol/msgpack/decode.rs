//! Decodes values from MessagePack, guided by the type.

use std::collections::BTreeMap;

use super::reader::Reader;
use super::unknown;
use crate::protocol::codec_error::{CodecError, CodecErrorKind, MAX_DEPTH};
use crate::protocol::type_check::{check_length, missing_attribute};
use crate::protocol::type_json;
use crate::terraform::ty::Type;
use crate::terraform::value::{SetValue, Value, nfc};

/// Decodes one value. `level` is its nesting depth, counted from one.
pub(super) fn decode_value(reader: &mut Reader<'_>, ty: &Type, level: usize) -> Result<Value, CodecError> {
    if level > MAX_DEPTH {
        return Err(CodecErrorKind::TooDeep.into());
    }
    match reader.peek()? {
        0xc0 => {
            reader.skip(level)?;
            return Ok(Value::Null);
        }
        0xc7..=0xc9 | 0xd4..=0xd8 => return Ok(unknown::decode_unknown(reader, ty)?),
        _ => {}
    }
    match ty {
        Type::Bool => Ok(Value::Bool(reader.read_bool()?)),
        Type::Number => Ok(Value::Number(reader.read_number()?)),
        Type::String => Ok(Value::String(nfc(reader.read_text()?).into_owned())),
        Type::Dynamic => decode_dynamic(reader, level),
        Type::List(element) => Ok(Value::List(decode_elements(reader, element, level)?)),
        Type::Set(element) => Ok(Value::Set(SetValue::new(decode_elements(reader, element, level)?))),
        Type::Map(element) => decode_map(reader, element, level),
        Type::Tuple(positions) => decode_tuple(reader, positions, level),
        Type::Object(attributes) => decode_object(reader, attributes, level),
    }
}

fn decode_dynamic(reader: &mut Reader<'_>, level: usize) -> Result<Value, CodecError> {
    if reader.read_array_header()? != 2 {
        return Err(CodecErrorKind::NotAPair.into());
    }
    let ty = type_json::decode(reader.read_bytes()?)?;
    if ty == Type::Dynamic {
        return Err(CodecErrorKind::NotConcrete.into());
    }
    let value = decode_value(reader, &ty, level + 1)?;
    Ok(Value::dynamic(ty, value))
}

fn decode_elements(reader: &mut Reader<'_>, element: &Type, level: usize) -> Result<Vec<Value>, CodecError> {
    let length = reader.read_array_header()?;
    decode_sequence(reader, std::iter::repeat_n(element, length), level)
}

fn decode_tuple(reader: &mut Reader<'_>, positions: &[Type], level: usize) -> Result<Value, CodecError> {
    check_length(positions.len(), reader.read_array_header()?)?;
    Ok(Value::Tuple(decode_sequence(reader, positions, level)?))
}

/// Decodes consecutive values. The vector grows with them, because the length in a header cannot be trusted.
fn decode_sequence<'t>(
    reader: &mut Reader<'_>,
    types: impl IntoIterator<Item = &'t Type>,
    level: usize,
) -> Result<Vec<Value>, CodecError> {
    let mut values = Vec::new();
    for (index, ty) in types.into_iter().enumerate() {
        values.push(decode_value(reader, ty, level + 1).map_err(|error| error.in_index(index))?);
    }
    Ok(values)
}

/// The last of equal keys wins, as in go-cty.
fn decode_map(reader: &mut Reader<'_>, element: &Type, level: usize) -> Result<Value, CodecError> {
    let mut entries = BTreeMap::new();
    for _ in 0..reader.read_map_header()? {
        let key = nfc(reader.read_text()?);
        let value = decode_value(reader, element, level + 1).map_err(|error| error.in_key(&key))?;
        entries.insert(key.into_owned(), value);
    }
    Ok(Value::Map(entries))
}

/// Unlike in JSON, every attribute must be present exactly once.
fn decode_object(
    reader: &mut Reader<'_>,
    types: &BTreeMap<String, Type>,
    level: usize,
) -> Result<Value, CodecError> {
    let mut attributes = BTreeMap::new();
    for _ in 0..reader.read_map_header()? {
        let name = nfc(reader.read_text()?);
        let Some((name, ty)) = types.get_key_value(&*name) else {
            return Err(CodecErrorKind::UnknownAttribute(name.into_owned()).into());
        };
        let value = decode_value(reader, ty, level + 1).map_err(|error| error.in_attribute(name))?;
        if attributes.insert(name.clone(), value).is_some() {
            return Err(CodecErrorKind::DuplicateAttribute(name.clone()).into());
        }
    }
    if attributes.len() == types.len() {
        Ok(Value::Object(attributes))
    } else {
        Err(missing_attribute(&attributes, types).into())
    }
}
