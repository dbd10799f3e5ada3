//! Unknown values and what is promised about them. Whether a promise is kept is not checked here.
//!
//! ```text
//! any extension with 0 or 1 bytes   unknown
//! extension 12, up to 1024 bytes    unknown, with a map from small integers:
//!   1  bool           false: certainly not null; true: certainly null
//!   2  text           of a string: it begins so
//!   3  [number,bool]  of a number: lower bound, and whether it is included
//!   4  [number,bool]  of a number: upper bound, likewise
//!   5  integer        of a list, set or map: fewest elements
//!   6  integer        of a list, set or map: most elements
//!   7 and above       for the future: skipped
//! ```
//!
//! Bytes after the map are ignored, and so is every promise about an unknown of unknown type (cty, refinements).

use std::collections::BTreeMap;

use super::reader::Reader;
use super::writer;
use crate::protocol::codec_error::Problem;
use crate::terraform::number::Number;
use crate::terraform::ty::Type;
use crate::terraform::value::{Promise, Refinements, SetValue, Value, nfc};

const EXTENSION: i8 = 12;
const MOST_BYTES: usize = 1024;
/// go-cty cuts longer prefixes before it sends them.
const MOST_PREFIX_BYTES: usize = 256;

const NULL: u64 = 1;
const STRING_PREFIX: u64 = 2;
const NUMBER_MIN: u64 = 3;
const NUMBER_MAX: u64 = 4;
const LENGTH_MIN: u64 = 5;
const LENGTH_MAX: u64 = 6;

/// Reads an unknown value. A promise that leaves one possible value gives that value.
pub(super) fn decode(reader: &mut Reader<'_>, ty: &Type) -> Result<Value, Problem> {
    let (number, content) = reader.extension()?;
    if content.len() <= 1 {
        return Ok(Value::unknown());
    }
    if number != EXTENSION || content.len() > MOST_BYTES {
        return Err(Problem::Extension(number));
    }
    if *ty == Type::Dynamic {
        return Ok(Value::unknown());
    }
    let promise = read_promise(&mut Reader::new(content), ty)?;
    Ok(only_value(&promise, ty).unwrap_or_else(|| refined(promise)))
}

fn refined(promise: Promise) -> Value {
    if promise == Promise::default() {
        return Value::unknown();
    }
    Value::Unknown(Refinements(Some(Box::new(promise))))
}

fn read_promise(reader: &mut Reader<'_>, ty: &Type) -> Result<Promise, Problem> {
    let mut promise = Promise::default();
    for _ in 0..reader.map_header()? {
        let key = read_natural(reader, "a key is no positive integer")?;
        match key {
            NULL => promise.null = Some(reader.bool()?),
            STRING_PREFIX if suits(key, ty) => {
                promise.string_prefix = Some(nfc(reader.text()?).into_owned());
            }
            NUMBER_MIN if suits(key, ty) => promise.number_min = Some(read_bound(reader)?),
            NUMBER_MAX if suits(key, ty) => promise.number_max = Some(read_bound(reader)?),
            LENGTH_MIN if suits(key, ty) => promise.length_min = Some(read_length(reader)?),
            LENGTH_MAX if suits(key, ty) => promise.length_max = Some(read_length(reader)?),
            0..=LENGTH_MAX => return Err(Problem::Refinement("a key does not suit the type")),
            _ => reader.skip(1)?,
        }
    }
    Ok(promise)
}

fn suits(key: u64, ty: &Type) -> bool {
    match key {
        NULL => true,
        STRING_PREFIX => *ty == Type::String,
        NUMBER_MIN | NUMBER_MAX => *ty == Type::Number,
        LENGTH_MIN | LENGTH_MAX => ty.element().is_some(),
        _ => false,
    }
}

fn read_bound(reader: &mut Reader<'_>) -> Result<(Number, bool), Problem> {
    if reader.array_header()? != 2 {
        return Err(Problem::Refinement("a bound is no pair"));
    }
    Ok((reader.number()?, reader.bool()?))
}

fn read_length(reader: &mut Reader<'_>) -> Result<u64, Problem> {
    read_natural(reader, "a length is no natural number")
}

fn read_natural(reader: &mut Reader<'_>, otherwise: &'static str) -> Result<u64, Problem> {
    let integer = reader.integer()?.as_i64();
    integer.and_then(|integer| u64::try_from(integer).ok()).ok_or(Problem::Refinement(otherwise))
}

fn only_value(promise: &Promise, ty: &Type) -> Option<Value> {
    match promise.null {
        Some(true) => return Some(Value::Null),
        None => return None,
        Some(false) => {}
    }
    match (&promise.number_min, &promise.number_max) {
        (Some((min, true)), Some((max, true))) if min == max => return Some(Value::Number(min.clone())),
        _ => {}
    }
    if promise.length_max == Some(0) { empty(ty) } else { None }
}

fn empty(ty: &Type) -> Option<Value> {
    match ty {
        Type::List(_) => Some(Value::List(Vec::new())),
        Type::Set(_) => Some(Value::Set(SetValue::default())),
        Type::Map(_) => Some(Value::Map(BTreeMap::new())),
        _ => None,
    }
}

/// Writes an unknown value. Without a promise, or with one too long to be sent, it is a plain unknown, which is always
/// true.
pub(super) fn encode(refinements: &Refinements, ty: &Type, out: &mut Vec<u8>) -> Result<(), Problem> {
    let content = match &refinements.0 {
        Some(promise) if *ty != Type::Dynamic => write_promise(promise, ty)?,
        _ => Vec::new(),
    };
    if content.is_empty() || content.len() > MOST_BYTES {
        return writer::extension(0, &[0], out);
    }
    writer::extension(EXTENSION, &content, out)
}

/// The content of the extension; nothing if nothing is promised.
fn write_promise(promise: &Promise, ty: &Type) -> Result<Vec<u8>, Problem> {
    let mut entries = Entries { ty, count: 0, bytes: Vec::new() };
    if let Some(null) = promise.null {
        writer::bool(null, entries.start(NULL)?);
    }
    if let Some(prefix) = &promise.string_prefix {
        let cut = prefix.floor_char_boundary(MOST_PREFIX_BYTES);
        writer::text(prefix.get(..cut).unwrap_or_default(), entries.start(STRING_PREFIX)?)?;
    }
    for (key, bound) in [(NUMBER_MIN, &promise.number_min), (NUMBER_MAX, &promise.number_max)] {
        if let Some((number, inclusive)) = bound {
            let out = entries.start(key)?;
            writer::array_header(2, out)?;
            writer::number(number, out)?;
            writer::bool(*inclusive, out);
        }
    }
    for (key, length) in [(LENGTH_MIN, promise.length_min), (LENGTH_MAX, promise.length_max)] {
        if let Some(length) = length {
            writer::unsigned(length, entries.start(key)?);
        }
    }
    entries.finish()
}

/// The map of a promise while it is written.
struct Entries<'t> {
    ty: &'t Type,
    count: usize,
    bytes: Vec<u8>,
}

impl Entries<'_> {
    /// Writes a key; its value is to follow.
    fn start(&mut self, key: u64) -> Result<&mut Vec<u8>, Problem> {
        if !suits(key, self.ty) {
            return Err(Problem::Refinement("a key does not suit the type"));
        }
        self.count += 1;
        writer::unsigned(key, &mut self.bytes);
        Ok(&mut self.bytes)
    }

    fn finish(self) -> Result<Vec<u8>, Problem> {
        let mut content = Vec::new();
        if self.count > 0 {
            writer::map_header(self.count, &mut content)?;
            content.extend(self.bytes);
        }
        Ok(content)
    }
}
