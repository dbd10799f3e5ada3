//! Keys that the emulator signs tokens with. Each is generated at start and never leaves the process.

use std::fmt;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use uuid::Uuid;

use super::jwt::Jwt;

/// A signing key. It signs with ES256 where Entra uses RS256: such a key is generated instantly, and clients do
/// not verify an access token.
pub struct SigningKey {
    id: String,
    /// `None` if the system provides no random numbers; then nothing can be signed.
    pair: Option<EcdsaKeyPair>,
}

impl SigningKey {
    /// The header `kid` of its tokens.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Signs claims.
    pub fn sign(&self, claims: &Value) -> String {
        let header = json!({"typ": "JWT", "alg": "ES256", "kid": self.id});
        let part = |document: &Value| URL_SAFE_NO_PAD.encode(document.to_string());
        let message = format!("{}.{}", part(&header), part(claims));
        let sign = |pair: &EcdsaKeyPair| pair.sign(&SystemRandom::new(), message.as_bytes()).ok();
        let signature = self.pair.as_ref().and_then(sign);
        let signature = signature.map(|signature| URL_SAFE_NO_PAD.encode(signature)).unwrap_or_default();
        format!("{message}.{signature}")
    }

    /// Whether a token names this key in its header.
    pub fn is_named_by(&self, token: &Jwt) -> bool {
        token.header("kid") == Some(self.id.as_str())
    }

    /// Whether a token is signed with this key.
    pub fn has_signed(&self, token: &Jwt) -> bool {
        let key = self.pair.as_ref().map(|pair| pair.public_key().as_ref());
        key.is_some_and(|key| token.is_signed_by(key, &ECDSA_P256_SHA256_FIXED))
    }
}

impl Default for SigningKey {
    fn default() -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).ok();
        Self { id: Uuid::new_v4().simple().to_string(), pair }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("id", &self.id).finish_non_exhaustive()
    }
}
