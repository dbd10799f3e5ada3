//! Checks the PFX and PEM readers with one input. The result must be an assertion or a short message without secrets.
//! Neither generates inputs nor reads files.
//!
//! ```text
//! first byte   the password
//! the rest     the file
//! ```

use terraform_provider_defender::auth::credentials::client_certificate::{
    Algorithm, Assertion, sign_with_bytes,
};
use terraform_provider_defender::auth::method::Application;
use terraform_provider_defender::transport::Secret;
use time::macros::datetime;

const PASSWORDS: [Option<&str>; 4] = [Some("sesame"), None, Some(""), Some("wrong-hunter2 \u{1f511}")];

/// The limit for messages, in bytes.
const LONGEST_TEXT: usize = 400;

pub fn run(input: &[u8]) {
    let Some((selector, file)) = input.split_first() else { return };
    let password = PASSWORDS[usize::from(*selector) % PASSWORDS.len()];
    let assertion = Assertion {
        algorithm: if selector % 2 == 0 { Algorithm::Ps256 } else { Algorithm::Rs256 },
        application: Application { tenant_id: "t".to_owned(), client_id: "c".to_owned() },
        token_endpoint: "https://login.example/t/oauth2/v2.0/token".to_owned(),
    };
    let now = datetime!(2050-01-01 0:00 UTC);
    match sign_with_bytes(file, password.map(Secret::new).as_ref(), &assertion, now) {
        Ok(signed) => assert_eq!(signed.expose().split('.').count(), 3),
        Err(text) => {
            assert!(text.len() <= LONGEST_TEXT, "{} bytes of message", text.len());
            assert!(!text.chars().any(char::is_control), "{text:?} has control characters");
            assert!(!text.contains("hunter2") && !text.contains("sesame"), "{text} contains the password");
        }
    }
}
