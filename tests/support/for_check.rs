//! The support modules of the tests of `check`.

pub mod child;
pub mod command;
pub mod directory;
pub mod emulator;
pub mod http;
pub mod kind;
pub mod target;
pub mod tenant;
pub mod wait;
