//! Values as JSON: the form of stored state, and the alternative form in messages. `type_json` holds types in JSON.
//!
//! ```text
//! null, bool, string   the JSON value
//! number               all digits, no exponent
//! list, set, tuple     array
//! map, object          object, keys sorted by bytes
//! dynamic              {"value":...,"type":<type constraint>}, or null
//! unknown              not representable
//! ```
//!
//! Decoding is more lenient: a missing attribute is null, a number may be a string, a bool may be the string `true`
//! or `false`, and a string may be a number or a bool (cty, JSON encoding).

use crate::terraform::ty::Type;
use crate::terraform::value::Value;

use super::codec_error::CodecError;
use decode::{Leniency, UnknownAttributes};

mod decode;
mod encode;

/// Decodes a value of the given type. An attribute that the type does not have is an error, as in go-cty.
pub fn decode(bytes: &[u8], ty: &Type) -> Result<Value, CodecError> {
    decode::decode_value(decode::parse(bytes)?, ty, &Leniency::new(UnknownAttributes::Reject, bytes))
}

/// Decodes stored state. Attributes that a newer schema has removed are ignored, at every level.
///
/// Terraform removes them itself only if the version of the schema has not changed (tfplugin6, UpgradeResourceState).
pub fn decode_stored(bytes: &[u8], ty: &Type) -> Result<Value, CodecError> {
    decode::decode_value(decode::parse(bytes)?, ty, &Leniency::new(UnknownAttributes::Ignore, bytes))
}

/// Encodes a value of the given type. A value of another type, or one that is unknown or infinite, is an error.
pub fn encode(value: &Value, ty: &Type) -> Result<Vec<u8>, CodecError> {
    let mut out = Vec::new();
    encode::encode_value(value, ty, 1, &mut out)?;
    Ok(out)
}

#[cfg(test)]
mod tests;
