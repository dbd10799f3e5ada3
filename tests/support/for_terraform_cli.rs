//! The support modules of the scenarios with real Terraform. Other test targets include the modules that they need.

pub mod child;
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
