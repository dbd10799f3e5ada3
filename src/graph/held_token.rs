//! An access token that a caller acquired before its request, so that the request does not wait for a sign-in.

use crate::transport::Secret;

/// A token that was valid when the caller acquired it.
#[derive(Debug, Clone)]
pub struct HeldToken(pub(super) Secret);
