//! What `azure_identity` cannot do for us at the edge to Entra: its requests go out through our transport, and its
//! answers are read here, so that no message depends on how that library words an error.

mod aadsts;
mod adapter;
mod error_body;
mod token_body;

pub(super) use aadsts::{Meaning, meaning};
pub(super) use adapter::{Adapter, Destination, Noted, host_of};
pub(super) use error_body::{Cover, undocumented};
