//! JSON Web Tokens: parsing and verifying. Judges no claim. Written without a library, so that two readings of
//! the format have to agree: the client's and this one.

use aws_lc_rs::signature::{UnparsedPublicKey, VerificationAlgorithm};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

/// A token in its parts.
pub struct Jwt {
    /// The first part.
    pub header: Map<String, Value>,
    /// The second part.
    pub claims: Map<String, Value>,
    message: String,
    signature: Vec<u8>,
}

impl Jwt {
    /// Parses a token; `None` if it is not a JWT in compact form.
    pub fn parse(text: &str) -> Option<Self> {
        let (message, signature) = text.rsplit_once('.')?;
        let (header, claims) = message.split_once('.')?;
        Some(Self {
            header: part(header)?,
            claims: part(claims)?,
            message: message.to_owned(),
            signature: URL_SAFE_NO_PAD.decode(signature).ok()?,
        })
    }

    /// A member of the header that is a string.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.header.get(name)?.as_str()
    }

    /// A claim that is a string.
    pub fn claim(&self, name: &str) -> Option<&str> {
        self.claims.get(name)?.as_str()
    }

    /// A claim that is a time, in seconds since 1970. MSAL for Python sends fractions of a second.
    pub fn moment(&self, name: &str) -> Option<i64> {
        let Value::Number(seconds) = self.claims.get(name)? else { return None };
        let text = seconds.to_string();
        text.split_once('.').map_or(text.as_str(), |(whole, _)| whole).parse().ok()
    }

    /// A claim that is a string or a list of strings.
    pub fn texts(&self, name: &str) -> Vec<&str> {
        match self.claims.get(name) {
            Some(Value::String(text)) => vec![text],
            Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        }
    }

    /// Verifies the signature with a public key.
    pub fn is_signed_by(&self, key: &[u8], algorithm: &'static dyn VerificationAlgorithm) -> bool {
        UnparsedPublicKey::new(algorithm, key).verify(self.message.as_bytes(), &self.signature).is_ok()
    }
}

fn part(text: &str) -> Option<Map<String, Value>> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_jwt_is_told_from_one() {
        for text in ["offline-token", "a.b", "a.b.c", "e30.e30", "e30.W10.", "e30.e30.e30.e30"] {
            assert!(Jwt::parse(text).is_none(), "{text}");
        }
        assert!(Jwt::parse("e30.e30.").is_some());
    }
}
