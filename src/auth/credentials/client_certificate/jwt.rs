//! Signs the client assertion, a JSON web token. Reads no clock and no file.
//!
//! ```text
//! header   alg PS256, typ JWT, x5t#S256 = SHA-256 of the certificate
//!          for older authorities: alg RS256, typ JWT, x5t = SHA-1 of the certificate
//! claims   aud = token endpoint, iss = sub = application, jti, nbf = iat = now, exp = ten minutes later
//! ```
//!
//! There is no `x5c`, because the certificate itself is registered with the application, not its issuer.

use aws_lc_rs::digest;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaEncoding};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::auth::method::Application;
use crate::transport::Secret;

use super::signing_identity::SigningIdentity;

/// An assertion to sign: its algorithm, and the claims that the caller chooses.
#[derive(Debug, Clone)]
pub struct Assertion {
    /// How the assertion is signed.
    pub algorithm: Algorithm,
    /// The application, which is the issuer and the subject.
    pub application: Application,
    /// The token endpoint, which is the audience.
    pub token_endpoint: String,
}

/// How an assertion is signed and refers to its certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// PS256 and `x5t#S256`, which the documentation requires.
    Ps256,
    /// RS256 and `x5t`, for older authorities: ADFS and custom ones.
    Rs256,
}

/// The maximum that the documentation recommends.
const LIFETIME_SECONDS: i64 = 600;

/// Signs an assertion as described in "Microsoft identity platform application authentication certificate credentials".
/// The result is secret: it can be used to sign in until it expires.
pub(super) fn sign(
    assertion: &Assertion,
    identity: &SigningIdentity,
    now: OffsetDateTime,
) -> Result<Secret, String> {
    let Assertion { algorithm, application, token_endpoint } = assertion;
    let claims = build_claims(application, token_endpoint, now.unix_timestamp());
    let message = format!("{}.{}", encode(&algorithm.header(identity)), encode(&claims));
    let mut signature = vec![0; identity.key.public_modulus_len()];
    identity
        .key
        .sign(algorithm.encoding(), &SystemRandom::new(), message.as_bytes(), &mut signature)
        .map_err(|_| "its RSA key cannot sign")?;
    Ok(Secret::new(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))))
}

impl Algorithm {
    fn encoding(self) -> &'static dyn RsaEncoding {
        match self {
            Self::Ps256 => &RSA_PSS_SHA256,
            Self::Rs256 => &RSA_PKCS1_SHA256,
        }
    }

    fn header(self, identity: &SigningIdentity) -> Value {
        let thumbprint = |algorithm| URL_SAFE_NO_PAD.encode(digest::digest(algorithm, &identity.certificate));
        match self {
            Self::Ps256 => {
                json!({ "alg": "PS256", "typ": "JWT", "x5t#S256": thumbprint(&digest::SHA256) })
            }
            // The hash only identifies the certificate; it does not protect the signature.
            Self::Rs256 => {
                json!({ "alg": "RS256", "typ": "JWT", "x5t": thumbprint(&digest::SHA1_FOR_LEGACY_USE_ONLY) })
            }
        }
    }
}

fn build_claims(application: &Application, token_endpoint: &str, now: i64) -> Value {
    json!({
        "aud": token_endpoint,
        "iss": application.client_id,
        "sub": application.client_id,
        "jti": Uuid::new_v4().to_string(),
        "nbf": now,
        "iat": now,
        "exp": now + LIFETIME_SECONDS,
    })
}

fn encode(part: &Value) -> String {
    URL_SAFE_NO_PAD.encode(part.to_string())
}
