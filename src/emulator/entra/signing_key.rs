//! Keys that the emulator signs tokens with, like Entra with RS256. They never leave the process.

use std::fmt;
use std::sync::LazyLock;

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use uuid::Uuid;
use x509_parser::prelude::{FromDer, SubjectPublicKeyInfo};
use x509_parser::public_key::PublicKey;

use super::jwt::Jwt;

/// The key pair of all signing keys of this process. Generating one takes a tenth of a second, so it happens only when
/// the first token is signed. `None` if the system provides no random numbers; then nothing can be signed.
static PAIR: LazyLock<Option<KeyPair>> = LazyLock::new(|| KeyPair::generate(KeySize::Rsa2048).ok());

/// A signing key. Its id is part of what it signs, so a token of another key is not taken for one of this key, although
/// both share a pair.
pub struct SigningKey {
    id: String,
}

impl SigningKey {
    /// The header `kid` of its tokens.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Signs claims.
    pub fn sign(&self, claims: &Value) -> String {
        let header = json!({"typ": "JWT", "alg": "RS256", "kid": self.id});
        let part = |document: &Value| URL_SAFE_NO_PAD.encode(document.to_string());
        let message = format!("{}.{}", part(&header), part(claims));
        let signature =
            PAIR.as_ref().and_then(|pair| signature(pair, message.as_bytes())).unwrap_or_default();
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// Whether a token names this key in its header.
    pub fn is_named_by(&self, token: &Jwt) -> bool {
        token.header("kid") == Some(self.id.as_str())
    }

    /// Whether a token is signed with this key.
    pub fn has_signed(&self, token: &Jwt) -> bool {
        let key = PAIR.as_ref().map(|pair| pair.public_key().as_ref());
        self.is_named_by(token) && key.is_some_and(|key| token.is_signed_by(key, &RSA_PKCS1_2048_8192_SHA256))
    }

    /// The public key as a JSON Web Key (RFC 7517).
    pub fn to_jwk(&self) -> Value {
        let (modulus, exponent) = PAIR.as_ref().and_then(public_numbers).unwrap_or_default();
        json!({"kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.id, "n": modulus, "e": exponent})
    }
}

fn signature(pair: &KeyPair, message: &[u8]) -> Option<Vec<u8>> {
    let mut signature = vec![0; pair.public_modulus_len()];
    pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature).ok()?;
    Some(signature)
}

/// Modulus and exponent, in base64url without leading zeros.
fn public_numbers(pair: &KeyPair) -> Option<(String, String)> {
    let der: PublicKeyX509Der<'_> = pair.public_key().as_der().ok()?;
    let (_, info) = SubjectPublicKeyInfo::from_der(der.as_ref()).ok()?;
    let Ok(PublicKey::RSA(key)) = info.parsed() else { return None };
    let encode = |number: &[u8]| {
        let zeros = number.iter().take_while(|byte| **byte == 0).count();
        URL_SAFE_NO_PAD.encode(number.get(zeros..).unwrap_or_default())
    };
    Some((encode(key.modulus), encode(key.exponent)))
}

impl Default for SigningKey {
    fn default() -> Self {
        Self { id: Uuid::new_v4().simple().to_string() }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("id", &self.id).finish_non_exhaustive()
    }
}
