//! The support modules of the scenarios with real Terraform. Other test targets include the modules that they need.

pub mod child;
#[allow(dead_code, reason = "shared with tests that choose the port")]
pub mod closed_port;
pub mod command;
pub mod directory;
pub mod emulator;
pub mod gate;
pub mod http;
pub mod kind;
pub mod listener;
pub mod plan;
pub mod processes;
pub mod target;
pub mod tenant;
pub mod terraform;
pub mod wait;
