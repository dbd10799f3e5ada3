//! The support modules of the tests of `check`.

pub mod child;
#[allow(dead_code, reason = "shared with tests that choose the port")]
pub mod closed_port;
pub mod command;
pub mod directory;
pub mod emulator;
pub mod http;
pub mod kind;
pub mod target;
pub mod tenant;
pub mod wait;
