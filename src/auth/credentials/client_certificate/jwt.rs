//! The client assertion itself: a JSON web token, signed. Reads no clock and no file.
//!
//! ```text
//! header   alg PS256, typ JWT, x5t#S256 = SHA-256 of the certificate
//! claims   aud = token endpoint, iss = sub = application, jti, nbf = iat = now, exp = ten minutes later
//! ```
//!
//! No `x5c`: the certificate itself is registered with the application, not its issuer.

use aws_lc_rs::digest;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::RSA_PSS_SHA256;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::auth::method::Application;
use crate::transport::Secret;

use super::identity::Identity;

/// The longest that the documentation recommends.
const LIFETIME_SECONDS: i64 = 600;

/// The assertion for `token_endpoint`, as "Microsoft identity platform application authentication certificate
/// credentials" lays it out. Secret: whoever has it can sign in until it expires.
pub(super) fn sign(
    identity: &Identity,
    application: &Application,
    token_endpoint: &str,
    now: OffsetDateTime,
) -> Result<Secret, String> {
    let claims = claims(application, token_endpoint, now.unix_timestamp());
    let message = format!("{}.{}", encoded(&header(identity)), encoded(&claims));
    let mut signature = vec![0; identity.key.public_modulus_len()];
    identity
        .key
        .sign(&RSA_PSS_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature)
        .map_err(|_| "its RSA key cannot sign")?;
    Ok(Secret::new(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))))
}

fn header(identity: &Identity) -> Value {
    let thumbprint = digest::digest(&digest::SHA256, &identity.certificate);
    json!({ "alg": "PS256", "typ": "JWT", "x5t#S256": URL_SAFE_NO_PAD.encode(thumbprint) })
}

fn claims(application: &Application, token_endpoint: &str, now: i64) -> Value {
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

fn encoded(part: &Value) -> String {
    URL_SAFE_NO_PAD.encode(part.to_string())
}
