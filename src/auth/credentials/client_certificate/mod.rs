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

/// A fresh client assertion for `token_endpoint`, signed with the private key that belongs to the certificate
/// ("Microsoft identity platform application authentication certificate credentials").
///
/// Every error names the argument at fault: the certificate that cannot be read or used, or the password that does
/// not open it.
pub async fn assertion(
    certificate: &Certificate,
    password: Option<&Secret>,
    application: &Application,
    token_endpoint: &str,
) -> Result<Secret, Problem> {
    let input = input(certificate);
    let (certificate, password) = (certificate.clone(), password.cloned());
    let (application, token_endpoint) = (application.clone(), token_endpoint.to_owned());
    // A password is stretched by up to a million rounds of hashing: too long for the thread that serves Terraform.
    let work = tokio::task::spawn_blocking(move || {
        let now = OffsetDateTime::now_utc();
        assertion_at(now, &certificate, password.as_ref(), &application, &token_endpoint)
    });
    work.await.unwrap_or_else(|_| {
        let problem = "reading it failed in an unforeseen way; please report this with how the file was made";
        Err(Problem::Input { input, problem: problem.to_owned() })
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

fn assertion_at(
    now: OffsetDateTime,
    certificate: &Certificate,
    password: Option<&Secret>,
    application: &Application,
    token_endpoint: &str,
) -> Result<Secret, Problem> {
    open(certificate, password)
        .and_then(|contents| Ok(identity::choose(&contents, now)?))
        .and_then(|identity| Ok(jwt::sign(&identity, application, token_endpoint, now)?))
        .map_err(|refusal| refusal.into_problem(input(certificate)))
}

fn open(certificate: &Certificate, password: Option<&Secret>) -> Result<Contents, Refusal> {
    let bytes = source::read(certificate)?;
    if pem::is_pem(&bytes) { Ok(pem::open(&bytes)?) } else { pfx::open(&bytes, password) }
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
