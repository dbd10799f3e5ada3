//! The state of sign-in: the keys that sign tokens, and the log of token requests. Does not decide who gets a
//! token.

use std::collections::HashSet;

use serde_json::json;

use super::access_token::now;
use super::jwt::Jwt;
use super::signing_key::SigningKey;
use super::token_log::{TokenLog, TokenRequestRecord};
use crate::emulator::random_id::random_guid;

/// Signing keys and the log. The keys survive a reset, so tokens remain valid.
#[derive(Debug, Default)]
pub struct EntraState {
    /// Signs access tokens.
    pub tokens: SigningKey,
    /// Signs the tokens of pipelines.
    pub oidc: SigningKey,
    /// Ids of the keys whose tokens are revoked.
    revoked: HashSet<String>,
    /// Token requests.
    log: TokenLog,
}

impl EntraState {
    /// The token requests since the start or the last reset.
    pub fn requests(&self) -> Vec<TokenRequestRecord> {
        self.log.list()
    }

    /// The same keys, and an empty log.
    pub fn with_empty_log(self) -> Self {
        Self { log: TokenLog::default(), ..self }
    }

    /// Revokes all access tokens issued so far.
    pub fn revoke(&mut self) {
        let retired = std::mem::take(&mut self.tokens);
        self.revoked.insert(retired.id().to_owned());
    }

    /// Whether a token was issued before a revocation.
    pub fn is_revoked(&self, token: &Jwt) -> bool {
        token.header("kid").is_some_and(|id| self.revoked.contains(id))
    }

    /// Adds a token request to the log.
    pub fn record(&mut self, request: TokenRequestRecord) {
        self.log.record(request);
    }

    /// Signs an OIDC token that expires after `lifetime` seconds.
    pub fn sign_pipeline_token(&self, issuer: &str, subject: &str, audience: &str, lifetime: i64) -> String {
        let now = now();
        self.oidc.sign(&json!({
            "jti": random_guid(),
            "iss": issuer,
            "sub": subject,
            "aud": audience,
            "iat": now,
            "nbf": now.min(now.saturating_add(lifetime)),
            "exp": now.saturating_add(lifetime),
        }))
    }
}
