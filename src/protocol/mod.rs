//! Plugin protocol 6: each method decodes the request, makes one call to the provider, and encodes the response.
//!
//! Apart from `plugin`, only this module knows the wire format. It decides nothing about resources, data sources or
//! functions.

pub mod service;
#[cfg(test)]
mod service_tests;

mod dispatch;
mod from_wire;
mod function_call;
mod offered;
mod schema_to_wire;
mod stored_state;
mod terminal;
mod to_wire;

pub mod codec_error;
pub mod json;
pub mod msgpack;
pub mod type_json;

mod type_check;
