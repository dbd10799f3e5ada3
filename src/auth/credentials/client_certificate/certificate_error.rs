//! The error for a certificate or password that cannot be used.

use crate::auth::error::SignInFailure;

const PASSWORD: &str = "client_certificate_password";

/// Why a certificate or its password cannot be used.
pub(super) enum CertificateError {
    /// The certificate cannot be used. The text is the reason.
    Unusable(String),
    /// The configured password is wrong.
    WrongPassword,
    /// The configured password has a character that the PFX reader does not support.
    UnsupportedPassword,
}

impl CertificateError {
    /// Converts to a failure that names the argument at fault: `input`, which holds the certificate, or the password.
    pub(super) fn into_failure(self, input: &'static str) -> SignInFailure {
        match self {
            Self::Unusable(reason) => SignInFailure::InvalidInput { input, reason },
            Self::WrongPassword => {
                let reason = format!("the password does not open the PFX in {input}");
                SignInFailure::InvalidInput { input: PASSWORD, reason }
            }
            Self::UnsupportedPassword => {
                let reason = "a character outside Unicode's basic plane, such as an emoji, is not supported; \
                              export the PFX with another password";
                SignInFailure::InvalidInput { input: PASSWORD, reason: reason.to_owned() }
            }
        }
    }
}

impl From<String> for CertificateError {
    fn from(reason: String) -> Self {
        Self::Unusable(reason)
    }
}
