//! A text that must never appear in logs and messages. Does not know where it comes from.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

const REDACTED: &str = "[redacted]";

/// A shorter text is not redacted, see [`Secret::redact_in`]. Entra's tokens have hundreds of characters.
const MIN_SECRET_BYTES: usize = 16;

/// A token, password or key. Prints as `[redacted]` and cannot be serialized.
#[derive(Clone)]
pub struct Secret(Arc<str>);

impl Secret {
    /// Wraps a text.
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the code that sends or decodes it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Redacts every occurrence of this secret in `text`, ignoring case. A proxy may repeat a secret that it received.
    ///
    /// A secret of fewer than 16 bytes is taken for a placeholder, for example a token for the emulator. It is not
    /// redacted, because the redaction would garble every word that contains the placeholder.
    pub fn redact_in<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if self.0.len() < MIN_SECRET_BYTES {
            return Cow::Borrowed(text);
        }
        // `match_indices` takes linear time, even on a large body crafted to be slow to search.
        let (lower, needle) = (text.to_ascii_lowercase(), self.0.to_ascii_lowercase());
        let mut redacted = String::new();
        let mut done = 0;
        for (at, _) in lower.match_indices(&needle) {
            redacted.push_str(text.get(done..at).unwrap_or_default());
            redacted.push_str(REDACTED);
            done = at + needle.len();
        }
        if done == 0 {
            return Cow::Borrowed(text);
        }
        redacted.push_str(text.get(done..).unwrap_or_default());
        Cow::Owned(redacted)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_as_redacted() {
        let secret = Secret::new("eyJ0");
        assert_eq!(
            format!("{secret} {secret:?} {:?}", Some(&secret)),
            "[redacted] [redacted] Some([redacted])"
        );
    }

    #[test]
    fn is_redacted_in_a_text_that_repeats_it() {
        let token = Secret::new("eyJ0eXAiOiJKV1QiLCJhbGciOi");
        assert_eq!(
            token.redact_in("you sent Bearer eyJ0eXAiOiJKV1QiLCJhbGciOi."),
            "you sent Bearer [redacted]."
        );
    }

    #[test]
    fn is_redacted_in_either_case_and_leaves_the_rest_unchanged() {
        let secret = Secret::new("s3cret%7Ewith%26Odd");
        assert_eq!(
            secret.redact_in("É S3CRET%7EWITH%26ODD, s3cret%7ewith%26odd!"),
            "É [redacted], [redacted]!"
        );
        assert!(matches!(secret.redact_in("É s3cret"), Cow::Borrowed("É s3cret")));
    }

    #[test]
    fn a_placeholder_is_not_redacted() {
        for placeholder in ["", "x", "token"] {
            let text = "exclusionGroupAssignmentTarget, a token";
            assert_eq!(Secret::new(placeholder).redact_in(text), text);
        }
    }
}
