//! Signing in with a certificate: the assertion by which an application proves that it holds the private key. Opens
//! the certificate anew each time, so that a renewed file counts. Sends nothing.

mod identity;
mod jwt;
mod pem;
mod pfx;
mod source;
#[cfg(test)]
mod tests;

use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use time::OffsetDateTime;

use crate::auth::error::Problem;
use crate::auth::method::{Application, Certificate};
use crate::transport::Secret;

pub use jwt::Algorithm;

/// What is signed.
#[derive(Debug, Clone)]
pub struct Assertion {
    /// How.
    pub algorithm: Algorithm,
    /// Who signs in.
    pub application: Application,
    /// For whom.
    pub token_endpoint: String,
}

/// A fresh client assertion, signed with the private key that belongs to the certificate ("Microsoft identity platform
/// application authentication certificate credentials").
///
/// Every error names the argument at fault: the certificate that cannot be read or used, or the password that does
/// not open it.
pub async fn sign(
    assertion: Assertion,
    certificate: &Certificate,
    password: Option<&Secret>,
) -> Result<Secret, Problem> {
    let input = input(certificate);
    let (certificate, password) = (certificate.clone(), password.cloned());
    // A password is stretched by up to a million rounds of hashing: too long for the thread that serves Terraform.
    let work = tokio::task::spawn_blocking(move || {
        sign_at(OffsetDateTime::now_utc(), &assertion, &certificate, password.as_ref())
    });
    work.await.unwrap_or_else(|_| {
        let problem = "reading it failed in an unforeseen way; please report this with how the file was made";
        Err(Problem::Input { input, problem: problem.to_owned() })
    })
}

/// The same with the bytes of a PFX or PEM file and another clock. The text is what [`sign`] would say of the
/// certificate, or of the password.
pub fn sign_with(
    bytes: &[u8],
    password: Option<&Secret>,
    assertion: &Assertion,
    now: OffsetDateTime,
) -> Result<Secret, String> {
    let signed = open(bytes, password).and_then(|contents| assertion.signed_with(&contents, now));
    signed.map_err(|refusal| match refusal.into_problem("") {
        Problem::Input { problem, .. } => problem,
        other => other.to_string(),
    })
}

/// What a PFX or a PEM file holds, unsorted. Without a debug form: it holds private keys.
struct Contents {
    keys: Vec<PrivateKeyDer<'static>>,
    certificates: Vec<CertificateDer<'static>>,
}

/// Why a certificate cannot be used.
enum Refusal {
    /// The rule and what was found.
    Certificate(String),
    /// The password that was given is not the right one.
    WrongPassword,
    /// The password that was given has a character that the reader cannot take.
    UnfitPassword,
}

impl Assertion {
    fn signed_with(&self, contents: &Contents, now: OffsetDateTime) -> Result<Secret, Refusal> {
        let identity = identity::choose(contents, now)?;
        Ok(jwt::sign(self, &identity, now)?)
    }
}

fn sign_at(
    now: OffsetDateTime,
    assertion: &Assertion,
    certificate: &Certificate,
    password: Option<&Secret>,
) -> Result<Secret, Problem> {
    source::read(certificate)
        .map_err(Refusal::from)
        .and_then(|bytes| open(&bytes, password))
        .and_then(|contents| assertion.signed_with(&contents, now))
        .map_err(|refusal| refusal.into_problem(input(certificate)))
}

fn open(bytes: &[u8], password: Option<&Secret>) -> Result<Contents, Refusal> {
    if pem::is_pem(bytes) { Ok(pem::open(bytes)?) } else { pfx::open(bytes, password) }
}

fn input(certificate: &Certificate) -> &'static str {
    match certificate {
        Certificate::Base64(_) => "client_certificate",
        Certificate::File(_) => "client_certificate_path",
    }
}

impl Refusal {
    fn into_problem(self, input: &'static str) -> Problem {
        const PASSWORD: &str = "client_certificate_password";
        match self {
            Self::Certificate(problem) => Problem::Input { input, problem },
            Self::WrongPassword => {
                let problem = format!("the password does not open the PFX given as {input}");
                Problem::Input { input: PASSWORD, problem }
            }
            Self::UnfitPassword => {
                let problem = "a character outside Unicode's basic plane, such as an emoji, is not supported; \
                               export the PFX with another password";
                Problem::Input { input: PASSWORD, problem: problem.to_owned() }
            }
        }
    }
}

impl From<String> for Refusal {
    fn from(problem: String) -> Self {
        Self::Certificate(problem)
    }
}
