//! Unknown values and their refinements. Whether the final value complies is not checked here.
//!
//! ```text
//! any extension with 0 or 1 bytes   unknown
//! extension 12, up to 1024 bytes    unknown, with a map from small integers:
//!   1  bool           false: certainly not null; true: certainly null
//!   2  text           of a string: its prefix
//!   3  [number,bool]  of a number: lower bound, and whether it is inclusive
//!   4  [number,bool]  of a number: upper bound, and whether it is inclusive
//!   5  integer        of a list, set or map: minimum number of elements
//!   6  integer        of a list, set or map: maximum number of elements
//!   7 and above       reserved: skipped
//! ```
//!
//! Bytes after the map are ignored, and so are refinements of an unknown value of dynamic type (cty, refinements).

use std::collections::BTreeMap;

use super::reader::Reader;
use super::writer;
use crate::protocol::codec_error::CodecErrorKind;
use crate::terraform::number::Number;
use crate::terraform::ty::Type;
use crate::terraform::value::{Refinements, SetValue, Value, ValueRange, nfc};

const EXTENSION: i8 = 12;
const MAX_BYTES: usize = 1024;
/// go-cty truncates longer prefixes before sending.
const MAX_PREFIX_BYTES: usize = 256;

const NULL: u64 = 1;
const STRING_PREFIX: u64 = 2;
const NUMBER_MIN: u64 = 3;
const NUMBER_MAX: u64 = 4;
const LENGTH_MIN: u64 = 5;
const LENGTH_MAX: u64 = 6;

/// Decodes an unknown value. If its range allows only one value, returns that value.
pub(super) fn decode_unknown(reader: &mut Reader<'_>, ty: &Type) -> Result<Value, CodecErrorKind> {
    let (number, content) = reader.read_extension()?;
    if content.len() <= 1 {
        return Ok(Value::unknown());
    }
    if number != EXTENSION || content.len() > MAX_BYTES {
        return Err(CodecErrorKind::Extension(number));
    }
    if *ty == Type::Dynamic {
        return Ok(Value::unknown());
    }
    let range = read_range(&mut Reader::new(content), ty)?;
    Ok(single_value(&range, ty).unwrap_or_else(|| unknown_in(range)))
}

fn unknown_in(range: ValueRange) -> Value {
    if range == ValueRange::default() {
        return Value::unknown();
    }
    Value::Unknown(Refinements(Some(Box::new(range))))
}

fn read_range(reader: &mut Reader<'_>, ty: &Type) -> Result<ValueRange, CodecErrorKind> {
    let mut range = ValueRange::default();
    for _ in 0..reader.read_map_header()? {
        let key = read_natural(reader, "a key is not a natural number")?;
        match key {
            NULL => range.null = Some(reader.read_bool()?),
            STRING_PREFIX if applies_to(key, ty) => {
                range.string_prefix = Some(nfc(reader.read_text()?).into_owned());
            }
            NUMBER_MIN if applies_to(key, ty) => range.number_min = Some(read_bound(reader)?),
            NUMBER_MAX if applies_to(key, ty) => range.number_max = Some(read_bound(reader)?),
            LENGTH_MIN if applies_to(key, ty) => range.length_min = Some(read_length(reader)?),
            LENGTH_MAX if applies_to(key, ty) => range.length_max = Some(read_length(reader)?),
            0..=LENGTH_MAX => return Err(CodecErrorKind::Refinement("a key does not apply to the type")),
            _ => reader.skip(1)?,
        }
    }
    Ok(range)
}

fn applies_to(key: u64, ty: &Type) -> bool {
    match key {
        NULL => true,
        STRING_PREFIX => *ty == Type::String,
        NUMBER_MIN | NUMBER_MAX => *ty == Type::Number,
        LENGTH_MIN | LENGTH_MAX => ty.element().is_some(),
        _ => false,
    }
}

fn read_bound(reader: &mut Reader<'_>) -> Result<(Number, bool), CodecErrorKind> {
    if reader.read_array_header()? != 2 {
        return Err(CodecErrorKind::Refinement("a bound is not a pair"));
    }
    Ok((reader.read_number()?, reader.read_bool()?))
}

fn read_length(reader: &mut Reader<'_>) -> Result<u64, CodecErrorKind> {
    read_natural(reader, "a length is not a natural number")
}

fn read_natural(reader: &mut Reader<'_>, message: &'static str) -> Result<u64, CodecErrorKind> {
    let integer = reader.read_integer()?.as_i64();
    integer.and_then(|integer| u64::try_from(integer).ok()).ok_or(CodecErrorKind::Refinement(message))
}

fn single_value(range: &ValueRange, ty: &Type) -> Option<Value> {
    match range.null {
        Some(true) => return Some(Value::Null),
        None => return None,
        Some(false) => {}
    }
    match (&range.number_min, &range.number_max) {
        (Some((min, true)), Some((max, true))) if min == max => return Some(Value::Number(min.clone())),
        _ => {}
    }
    if range.length_max == Some(0) { empty_collection(ty) } else { None }
}

fn empty_collection(ty: &Type) -> Option<Value> {
    match ty {
        Type::List(_) => Some(Value::List(Vec::new())),
        Type::Set(_) => Some(Value::Set(SetValue::default())),
        Type::Map(_) => Some(Value::Map(BTreeMap::new())),
        _ => None,
    }
}

/// Encodes an unknown value. Refinements that are too long are omitted, which is always correct.
pub(super) fn encode_unknown(
    refinements: &Refinements,
    ty: &Type,
    out: &mut Vec<u8>,
) -> Result<(), CodecErrorKind> {
    let content = match &refinements.0 {
        Some(range) if *ty != Type::Dynamic => write_range(range, ty)?,
        _ => Vec::new(),
    };
    if content.is_empty() || content.len() > MAX_BYTES {
        return writer::write_extension(0, &[0], out);
    }
    writer::write_extension(EXTENSION, &content, out)
}

/// Encodes the content of the extension. Empty if there are no refinements.
fn write_range(range: &ValueRange, ty: &Type) -> Result<Vec<u8>, CodecErrorKind> {
    let mut entries = Entries { ty, count: 0, bytes: Vec::new() };
    if let Some(null) = range.null {
        writer::write_bool(null, entries.start(NULL)?);
    }
    if let Some(prefix) = &range.string_prefix {
        let cut = prefix.floor_char_boundary(MAX_PREFIX_BYTES);
        writer::write_text(prefix.get(..cut).unwrap_or_default(), entries.start(STRING_PREFIX)?)?;
    }
    for (key, bound) in [(NUMBER_MIN, &range.number_min), (NUMBER_MAX, &range.number_max)] {
        if let Some((number, inclusive)) = bound {
            let out = entries.start(key)?;
            writer::write_array_header(2, out)?;
            writer::write_number(number, out)?;
            writer::write_bool(*inclusive, out);
        }
    }
    for (key, length) in [(LENGTH_MIN, range.length_min), (LENGTH_MAX, range.length_max)] {
        if let Some(length) = length {
            writer::write_unsigned(length, entries.start(key)?);
        }
    }
    entries.finish()
}

/// The map of refinements under construction.
struct Entries<'t> {
    ty: &'t Type,
    count: usize,
    bytes: Vec<u8>,
}

impl Entries<'_> {
    /// Writes a key and returns the buffer for its value.
    fn start(&mut self, key: u64) -> Result<&mut Vec<u8>, CodecErrorKind> {
        if !applies_to(key, self.ty) {
            return Err(CodecErrorKind::Refinement("a key does not apply to the type"));
        }
        self.count += 1;
        writer::write_unsigned(key, &mut self.bytes);
        Ok(&mut self.bytes)
    }

    fn finish(self) -> Result<Vec<u8>, CodecErrorKind> {
        let mut content = Vec::new();
        if self.count > 0 {
            writer::write_map_header(self.count, &mut content)?;
            content.extend(self.bytes);
        }
        Ok(content)
    }
}
