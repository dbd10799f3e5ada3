//! An access token that a caller fetched in advance, so that its request does not wait for a sign-in.

use crate::transport::Secret;

/// A token that was valid when the caller fetched it.
#[derive(Debug, Clone)]
pub struct HeldToken(pub(super) Secret);
