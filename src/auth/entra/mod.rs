//! What `azure_identity` cannot do for us at the edge to Entra: its requests go out through our transport, and its
//! answers are read here, so that no message depends on how that library words an error.

mod aadsts;
mod adapter;
mod error_body;
mod token_body;

pub(super) use aadsts::{Meaning, meaning};
pub(super) use adapter::{Adapter, Noted, host_of};
pub(super) use error_body::{Cover, read, undocumented};
pub(super) use token_body::{LONGEST_LIFE_SECONDS, Success, seconds};

/// What a service that signs in may answer at most: a token has a few kilobytes.
pub(super) const MAX_BODY_BYTES: usize = crate::transport::json::MAX_SMALL_BYTES;
