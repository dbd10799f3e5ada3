//! Values as MessagePack, the form in which Terraform sends and receives them. `json` holds the JSON form.
//!
//! ```text
//! null             c0
//! unknown          any extension: d4 00 00, or type 12 with refinements (see unknown.rs)
//! bool, string     the MessagePack value; a string may be a bin
//! number           integer, float 64 if exact, otherwise decimal text
//! list, set, tuple array
//! map, object      map; keys are encoded in byte order and accepted in any order
//! dynamic          c0, d4 00 00, or an array of type constraint (JSON in bin) and value
//! ```
//!
//! The bytes alone are ambiguous, so the expected type guides both directions (cty, MessagePack encoding). Stricter
//! than go-cty, the decoder rejects missing attributes, keys that are not text, text that is not UTF-8, NaN, and
//! bytes after the value. Memory use grows with the actual bytes, not with the lengths that headers claim.

use crate::terraform::ty::Type;
use crate::terraform::value::Value;

use super::codec_error::{CodecError, CodecErrorKind};
use reader::Reader;

mod decode;
mod encode;
mod reader;
mod unknown;
mod writer;

/// Decodes a value of the given type.
pub fn decode(bytes: &[u8], ty: &Type) -> Result<Value, CodecError> {
    let mut reader = Reader::new(bytes);
    let value = decode::decode_value(&mut reader, ty, 1)?;
    if reader.is_at_end() { Ok(value) } else { Err(CodecErrorKind::TrailingBytes.into()) }
}

/// Encodes a value of the given type. A value of another type is an error.
pub fn encode(value: &Value, ty: &Type) -> Result<Vec<u8>, CodecError> {
    let mut out = Vec::new();
    encode::encode_value(value, ty, 1, &mut out)?;
    Ok(out)
}

#[cfg(test)]
mod tests;
