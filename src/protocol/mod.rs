//! Plugin protocol 6: decode, call, encode.

pub mod codec_error;
pub mod json;
pub mod msgpack;
pub mod type_json;

mod fit;
