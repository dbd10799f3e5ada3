//! One sign-in at a time: what each method fulfils. Keeps no token and repeats nothing.

use async_trait::async_trait;
use time::OffsetDateTime;

use crate::transport::Secret;

use super::attempt::Attempt;
use super::error::Problem;

/// An access token and how long it is good.
#[derive(Debug, Clone)]
pub struct AccessToken {
    /// The token, without the word `Bearer`.
    pub secret: Secret,
    /// When it expires, UTC.
    pub expires_on: OffsetDateTime,
}

/// A way to get a token. Every call signs in anew: whoever wants to keep the token does so
/// ([`super::token_source`]).
#[async_trait]
pub trait Credential: Send + Sync + std::fmt::Debug {
    /// Signs in once.
    async fn sign_in(&self) -> Result<AccessToken, Problem>;

    /// The same in words.
    fn attempt(&self) -> &Attempt;
}
