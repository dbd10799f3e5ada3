//! Values as MessagePack: the form in which Terraform sends and receives every one. JSON is in `json`.
//!
//! ```text
//! null             c0
//! unknown          any extension; d4 00 00, or type 12 with promises (see unknown.rs)
//! bool, string     as usual; a string may come as bin
//! number           integer, float 64 if it is exactly that, otherwise decimal text
//! list, set, tuple array
//! map, object      map, keys sorted by bytes when written, in any order when read
//! dynamic          c0, d4 00 00, or an array of type constraint (JSON in bin) and value
//! ```
//!
//! The bytes alone are ambiguous: the expected type drives both directions (cty, MessagePack encoding).
//! Where go-cty accepts what it should not, we refuse: missing attributes, keys that are no text, text that is not
//! UTF-8, NaN, bytes after the value. Memory grows with the bytes that are there, not with those a header claims.

use crate::terraform::ty::Type;
use crate::terraform::value::Value;

use super::codec_error::{CodecError, Problem};
use reader::Reader;

mod decode;
mod encode;
mod reader;
mod unknown;
mod writer;

/// Reads a value of the given type.
pub fn decode(bytes: &[u8], ty: &Type) -> Result<Value, CodecError> {
    let mut reader = Reader::new(bytes);
    let value = decode::value(&mut reader, ty, 1)?;
    if reader.is_at_end() { Ok(value) } else { Err(Problem::TrailingBytes.into()) }
}

/// Writes a value of the given type. A value of another type is an error.
pub fn encode(value: &Value, ty: &Type) -> Result<Vec<u8>, CodecError> {
    let mut out = Vec::new();
    encode::value(value, ty, 1, &mut out)?;
    Ok(out)
}

#[cfg(test)]
mod tests;
