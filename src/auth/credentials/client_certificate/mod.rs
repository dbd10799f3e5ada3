//! The assertion that a certificate's key signs. Sends nothing.

use crate::auth::error::Problem;
use crate::auth::method::{Application, Certificate};
use crate::transport::Secret;

/// A fresh assertion for one sign-in ("Microsoft identity platform application authentication certificate
/// credentials").
#[expect(clippy::unused_async, reason = "a place for the real one")]
pub async fn assertion(
    _certificate: &Certificate,
    _password: Option<&Secret>,
    _application: &Application,
    _token_endpoint: &str,
) -> Result<Secret, Problem> {
    Err(Problem::Input { input: "client_certificate", problem: "not built yet".to_owned() })
}
