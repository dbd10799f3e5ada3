//! What signing in changes: the keys that sign tokens, and the log of the requests for them. Decides nothing about who
//! gets a token.

use std::collections::HashSet;

use serde_json::json;
use uuid::Uuid;

use super::access_token::now;
use super::jwt::Jwt;
use super::signing_key::SigningKey;
use super::token_log::{TokenLog, TokenRequestRecord};

/// What signing in keeps: keys, and the log. The keys outlive a reset, and tokens with them.
#[derive(Debug, Default)]
pub struct Entra {
    /// Signs access tokens.
    pub tokens: SigningKey,
    /// Signs the tokens of pipelines.
    pub oidc: SigningKey,
    /// Ids of the keys whose tokens are revoked.
    revoked: HashSet<String>,
    /// What was asked for.
    log: TokenLog,
}

impl Entra {
    /// The requests for tokens since the start or the last reset.
    pub fn requests(&self) -> Vec<TokenRequestRecord> {
        self.log.list()
    }

    /// The same keys, and an empty log.
    pub fn forgetful(self) -> Self {
        Self { log: TokenLog::default(), ..self }
    }

    /// From now on no token is good that was issued before.
    pub fn revoke(&mut self) {
        let retired = std::mem::take(&mut self.tokens);
        self.revoked.insert(retired.id().to_owned());
    }

    /// Whether a token was issued before a revocation.
    pub fn is_revoked(&self, token: &Jwt) -> bool {
        token.header("kid").is_some_and(|id| self.revoked.contains(id))
    }

    /// Remembers a request for a token.
    pub fn record(&mut self, request: TokenRequestRecord) {
        self.log.record(request);
    }

    /// Signs a token that lives for this many seconds from now.
    pub fn sign_pipeline_token(&self, issuer: &str, subject: &str, audience: &str, lifetime: i64) -> String {
        let now = now();
        self.oidc.sign(&json!({
            "jti": Uuid::new_v4().to_string(),
            "iss": issuer,
            "sub": subject,
            "aud": audience,
            "iat": now,
            "nbf": now.min(now.saturating_add(lifetime)),
            "exp": now.saturating_add(lifetime),
        }))
    }
}
