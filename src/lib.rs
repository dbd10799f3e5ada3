//! The Defender provider for Terraform. It manages the assignments of the Intune policy that onboards Windows devices
//! to Microsoft Defender for Endpoint.
//!
//! The modules are in the order in which a request passes through them; `ARCHITECTURE.md` describes the path.

pub mod check;
pub mod plugin;
pub mod probe;
pub mod wire;

pub mod protocol;
pub mod terraform;

pub mod provider;

pub mod data_sources;
pub mod functions;
pub mod resources;

pub mod graph;

pub mod auth;
pub mod transport;

#[cfg(feature = "emulator")]
pub mod emulator;
