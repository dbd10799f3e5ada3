//! A secret from the tenant file. It can be compared, but never shown.

use std::fmt;

/// Text that Debug does not show.
#[derive(Clone)]
pub struct TenantSecret(String);

impl TenantSecret {
    /// Wraps a secret.
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// Whether a text equals the secret.
    pub fn is(&self, text: &str) -> bool {
        self.0 == text
    }
}

impl fmt::Debug for TenantSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(hidden)")
    }
}
