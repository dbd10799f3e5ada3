//! The Defender provider for Terraform: who gets the Intune policy that onboards Windows devices to Microsoft
//! Defender for Endpoint.
//!
//! The modules stand in the order in which a request passes through them; `ARCHITECTURE.md` tells the way.

pub mod check;
pub mod plugin;
pub mod wire;

pub mod protocol;
pub mod terraform;

pub mod provider;
pub mod resources;

pub mod graph;

pub mod auth;
pub mod transport;

pub mod emulator;
