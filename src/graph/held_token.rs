//! An access token in hand, for a request that must not wait for a sign-in.

use crate::transport::Secret;

/// A token that was valid when it was taken.
#[derive(Debug, Clone)]
pub struct HeldToken(pub(super) Secret);
