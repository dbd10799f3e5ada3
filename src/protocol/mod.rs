//! Plugin protocol 6: each method decodes, makes one call, and encodes.
//!
//! Beside `plugin`, this is the only place that knows the wire. It decides nothing about resources.

pub mod service;
#[cfg(test)]
mod service_tests;

mod dispatch;
mod from_wire;
mod schema_to_wire;
mod stored_state;
mod terminal;
mod to_wire;

pub mod codec_error;
pub mod json;
pub mod msgpack;
pub mod type_json;

mod fit;
