//! A text that must never be seen: how it is kept out of logs and messages. Does not say where it comes from.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

const REDACTED: &str = "[redacted]";

/// Tokens of Entra have hundreds of characters.
const SHORTEST_TOKEN_BYTES: usize = 16;

/// A token, password or key. Prints as `[redacted]` and cannot be serialised.
#[derive(Clone)]
pub struct Secret(Arc<str>);

impl Secret {
    /// Takes the text as it is.
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the one place that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The same text with every occurrence of this secret covered, in either case of letters: a proxy may repeat what
    /// it was sent.
    ///
    /// A text shorter than any real token is left alone. It is somebody's placeholder for the emulator, and covering
    /// it would garble every word that it happens to be a part of.
    pub fn cover<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if self.0.len() < SHORTEST_TOKEN_BYTES {
            return Cow::Borrowed(text);
        }
        // Both in one case, and a search whose time is linear: a body may be large, and made to be slow to search.
        let (lower, wanted) = (text.to_ascii_lowercase(), self.0.to_ascii_lowercase());
        let mut covered = String::new();
        let mut done = 0;
        for (at, _) in lower.match_indices(&wanted) {
            covered.push_str(text.get(done..at).unwrap_or_default());
            covered.push_str(REDACTED);
            done = at + wanted.len();
        }
        if done == 0 {
            return Cow::Borrowed(text);
        }
        covered.push_str(text.get(done..).unwrap_or_default());
        Cow::Owned(covered)
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
    fn prints_redacted_in_every_form() {
        let secret = Secret::new("eyJ0");
        assert_eq!(
            format!("{secret} {secret:?} {:?}", Some(&secret)),
            "[redacted] [redacted] Some([redacted])"
        );
    }

    #[test]
    fn covers_itself_in_a_text_that_repeats_it() {
        let token = Secret::new("eyJ0eXAiOiJKV1QiLCJhbGciOi");
        assert_eq!(token.cover("you sent Bearer eyJ0eXAiOiJKV1QiLCJhbGciOi."), "you sent Bearer [redacted].");
    }

    #[test]
    fn covers_itself_in_either_case_and_leaves_the_rest_as_it_is() {
        let secret = Secret::new("s3cret%7Ewith%26Odd");
        assert_eq!(secret.cover("É S3CRET%7EWITH%26ODD, s3cret%7ewith%26odd!"), "É [redacted], [redacted]!");
        assert!(matches!(secret.cover("É s3cret"), Cow::Borrowed("É s3cret")));
    }

    #[test]
    fn a_placeholder_garbles_nothing() {
        for placeholder in ["", "x", "token"] {
            let text = "exclusionGroupAssignmentTarget, a token";
            assert_eq!(Secret::new(placeholder).cover(text), text);
        }
    }
}
