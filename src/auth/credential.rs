//! The trait that each sign-in method implements. Caches no token.

use async_trait::async_trait;
use time::OffsetDateTime;

use crate::transport::Secret;

use super::error::SignInFailure;
use super::selected_method::SelectedMethod;

/// An access token with its expiry.
#[derive(Debug, Clone)]
pub struct AccessToken {
    /// The token, without the word `Bearer`.
    pub secret: Secret,
    /// When it expires, UTC.
    pub expires_on: OffsetDateTime,
}

/// A way to obtain access tokens. [`super::token_cache`] caches them.
#[async_trait]
pub trait Credential: Send + Sync + std::fmt::Debug {
    /// Signs in and returns the token. Every call signs in again.
    async fn sign_in(&self) -> Result<AccessToken, SignInFailure>;

    /// The method, for messages.
    fn selected_method(&self) -> &SelectedMethod;
}
