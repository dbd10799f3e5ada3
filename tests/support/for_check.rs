//! The support that the tests of `check` are made of.

pub mod child;
pub mod command;
pub mod directory;
pub mod emulator;
pub mod http;
pub mod target;
pub mod tenant;
pub mod wait;
