//! From MessagePack to values, guided by the type.

use std::collections::BTreeMap;

use super::reader::Reader;
use super::unknown;
use crate::protocol::codec_error::{CodecError, MAX_DEPTH, Problem};
use crate::protocol::fit::{check_length, missing_attribute};
use crate::protocol::type_json;
use crate::terraform::ty::Type;
use crate::terraform::value::{SetValue, Value, nfc};

/// Reads one value; `level` is the depth at which it stands, counted from one.
pub(super) fn value(reader: &mut Reader<'_>, ty: &Type, level: usize) -> Result<Value, CodecError> {
    if level > MAX_DEPTH {
        return Err(Problem::TooDeep.into());
    }
    match reader.peek()? {
        0xc0 => {
            reader.skip(level)?;
            return Ok(Value::Null);
        }
        0xc7..=0xc9 | 0xd4..=0xd8 => return Ok(unknown::decode(reader, ty)?),
        _ => {}
    }
    match ty {
        Type::Bool => Ok(Value::Bool(reader.bool()?)),
        Type::Number => Ok(Value::Number(reader.number()?)),
        Type::String => Ok(Value::String(nfc(reader.text()?).into_owned())),
        Type::Dynamic => dynamic(reader, level),
        Type::List(element) => Ok(Value::List(elements(reader, element, level)?)),
        Type::Set(element) => Ok(Value::Set(SetValue::new(elements(reader, element, level)?))),
        Type::Map(element) => map(reader, element, level),
        Type::Tuple(positions) => tuple(reader, positions, level),
        Type::Object(attributes) => object(reader, attributes, level),
    }
}

fn dynamic(reader: &mut Reader<'_>, level: usize) -> Result<Value, CodecError> {
    if reader.array_header()? != 2 {
        return Err(Problem::NotAPair.into());
    }
    let ty = type_json::decode(reader.bytes()?)?;
    if ty == Type::Dynamic {
        return Err(Problem::NotConcrete.into());
    }
    let value = value(reader, &ty, level + 1)?;
    Ok(Value::dynamic(ty, value))
}

fn elements(reader: &mut Reader<'_>, element: &Type, level: usize) -> Result<Vec<Value>, CodecError> {
    let length = reader.array_header()?;
    sequence(reader, std::iter::repeat_n(element, length), level)
}

fn tuple(reader: &mut Reader<'_>, positions: &[Type], level: usize) -> Result<Value, CodecError> {
    check_length(positions.len(), reader.array_header()?)?;
    Ok(Value::Tuple(sequence(reader, positions, level)?))
}

/// One value after the other. The vector grows as they come: a header is only a claim.
fn sequence<'t>(
    reader: &mut Reader<'_>,
    types: impl IntoIterator<Item = &'t Type>,
    level: usize,
) -> Result<Vec<Value>, CodecError> {
    let mut values = Vec::new();
    for (index, ty) in types.into_iter().enumerate() {
        values.push(value(reader, ty, level + 1).map_err(|error| error.in_index(index))?);
    }
    Ok(values)
}

/// Of equal keys the last wins, as in go-cty.
fn map(reader: &mut Reader<'_>, element: &Type, level: usize) -> Result<Value, CodecError> {
    let mut entries = BTreeMap::new();
    for _ in 0..reader.map_header()? {
        let key = nfc(reader.text()?);
        let value = value(reader, element, level + 1).map_err(|error| error.in_key(&key))?;
        entries.insert(key.into_owned(), value);
    }
    Ok(Value::Map(entries))
}

/// Unlike in JSON every attribute must be there, exactly once.
fn object(
    reader: &mut Reader<'_>,
    types: &BTreeMap<String, Type>,
    level: usize,
) -> Result<Value, CodecError> {
    let mut attributes = BTreeMap::new();
    for _ in 0..reader.map_header()? {
        let name = nfc(reader.text()?);
        let Some((name, ty)) = types.get_key_value(&*name) else {
            return Err(Problem::UnknownAttribute(name.into_owned()).into());
        };
        let value = value(reader, ty, level + 1).map_err(|error| error.in_attribute(name))?;
        if attributes.insert(name.clone(), value).is_some() {
            return Err(Problem::DuplicateAttribute(name.clone()).into());
        }
    }
    if attributes.len() == types.len() {
        Ok(Value::Object(attributes))
    } else {
        Err(missing_attribute(&attributes, types).into())
    }
}
