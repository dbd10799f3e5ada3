//! Creates the client assertion of a certificate: the proof that the application holds the private key. Reads the
//! certificate anew each time, so that a renewed file is used. Sends nothing.

mod certificate_error;
mod contents;
mod jwt;
mod pem;
mod pfx;
mod signing_identity;
mod source;
#[cfg(test)]
mod tests;

use time::OffsetDateTime;

use crate::auth::error::SignInFailure;
use crate::auth::method::Certificate;
use crate::transport::Secret;

use certificate_error::CertificateError;
use contents::Contents;

pub use jwt::{Algorithm, Assertion};

/// Signs a fresh client assertion with the private key of the certificate ("Microsoft identity platform application
/// authentication certificate credentials").
///
/// Every error names the argument at fault: the certificate that cannot be read or used, or the password that does
/// not open it.
pub async fn sign(
    assertion: Assertion,
    certificate: &Certificate,
    password: Option<&Secret>,
) -> Result<Secret, SignInFailure> {
    let input = argument_name(certificate);
    let (certificate, password) = (certificate.clone(), password.cloned());
    // The key derivation of a PFX hashes the password up to a million times, which would block the thread that serves
    // Terraform.
    let task = tokio::task::spawn_blocking(move || {
        sign_at(OffsetDateTime::now_utc(), &assertion, &certificate, password.as_ref())
    });
    task.await.unwrap_or_else(|_| {
        let reason = "reading it failed unexpectedly; please report this, and how the file was created";
        Err(SignInFailure::InvalidInput { input, reason: reason.to_owned() })
    })
}

/// Signs an assertion with the bytes of a PFX or PEM file, at the time `now`. The error is the reason that [`sign`]
/// would report.
pub fn sign_with_bytes(
    bytes: &[u8],
    password: Option<&Secret>,
    assertion: &Assertion,
    now: OffsetDateTime,
) -> Result<Secret, String> {
    let result = open(bytes, password).and_then(|contents| sign_contents(assertion, &contents, now));
    result.map_err(|error| match error.into_failure("") {
        SignInFailure::InvalidInput { reason, .. } => reason,
        other => other.to_string(),
    })
}

fn sign_at(
    now: OffsetDateTime,
    assertion: &Assertion,
    certificate: &Certificate,
    password: Option<&Secret>,
) -> Result<Secret, SignInFailure> {
    source::read(certificate)
        .map_err(CertificateError::from)
        .and_then(|bytes| open(&bytes, password))
        .and_then(|contents| sign_contents(assertion, &contents, now))
        .map_err(|error| error.into_failure(argument_name(certificate)))
}

fn sign_contents(
    assertion: &Assertion,
    contents: &Contents,
    now: OffsetDateTime,
) -> Result<Secret, CertificateError> {
    let identity = signing_identity::select(contents, now)?;
    Ok(jwt::sign(assertion, &identity, now)?)
}

fn open(bytes: &[u8], password: Option<&Secret>) -> Result<Contents, CertificateError> {
    if pem::is_pem(bytes) { Ok(pem::open(bytes)?) } else { pfx::open(bytes, password) }
}

fn argument_name(certificate: &Certificate) -> &'static str {
    match certificate {
        Certificate::Base64(_) => "client_certificate",
        Certificate::File(_) => "client_certificate_path",
    }
}
