//! Plugin protocol 6: each method decodes, makes one call, and encodes.
//!
//! Beside `plugin`, this is the only place that knows the wire. It decides nothing about resources.

mod codec_error;
pub mod json;
pub mod msgpack;
pub mod type_json;

mod dispatch;
mod from_wire;
mod schema_to_wire;
pub mod service;
mod to_wire;

pub use codec_error::CodecError;
