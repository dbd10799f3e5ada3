//! The source of the bearer token of each request. Does not decide when to retry a request.

use std::sync::OnceLock;

use async_trait::async_trait;

use crate::transport::Secret;

use super::arguments::ACCESS_TOKEN;
use super::error::{Error, SignInFailure};
use super::selected_method::SelectedMethod;

/// Provides the access token of each request.
///
/// The client asks for a token before every attempt, so an implementation has to cache it. The first request triggers
/// the first sign-in.
#[async_trait]
pub trait TokenSource: Send + Sync {
    /// Returns a valid token, without the word `Bearer`.
    async fn token(&self) -> Result<Secret, Error>;

    /// Returns a new token after Graph answered 401 to `rejected`, or `None` if this source has no other token.
    async fn renew(&self, rejected: &Secret) -> Result<Option<Secret>, Error>;

    /// The sign-in method, for messages. `None` if the method is not known.
    fn selected_method(&self) -> Option<&SelectedMethod> {
        None
    }
}

/// One token from the configuration, used until Graph rejects it.
#[derive(Debug, Clone)]
pub struct StaticToken {
    token: Secret,
    selected_method: SelectedMethod,
    /// The error for an unusable token. All callers get clones of one error: an [`Error`] records whether it was already
    /// reported in full, and clones share this record.
    error: OnceLock<Error>,
}

impl StaticToken {
    /// Trims the token, which often comes from a file or a command and ends in a line break.
    pub fn new(token: &str, selected_method: SelectedMethod) -> Self {
        Self { token: Secret::new(token.trim()), selected_method, error: OnceLock::new() }
    }
}

#[async_trait]
impl TokenSource for StaticToken {
    async fn token(&self) -> Result<Secret, Error> {
        let token = self.token.expose();
        let reason = if token.is_empty() {
            "it is empty"
        } else if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            "it contains white space or characters outside ASCII; give the bare token, without \"Bearer\""
        } else {
            return Ok(self.token.clone());
        };
        let failure = SignInFailure::InvalidInput { input: ACCESS_TOKEN, reason: reason.to_owned() };
        Err(self.error.get_or_init(|| Error::new(self.selected_method.clone(), failure)).clone())
    }

    async fn renew(&self, _rejected: &Secret) -> Result<Option<Secret>, Error> {
        Ok(None)
    }

    fn selected_method(&self) -> Option<&SelectedMethod> {
        Some(&self.selected_method)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::inputs::InputOrigin;

    fn static_token(text: &str) -> StaticToken {
        StaticToken::new(text, SelectedMethod::access_token(InputOrigin::Argument(ACCESS_TOKEN)))
    }

    #[tokio::test]
    async fn a_static_token_is_trimmed() {
        let token = static_token(" eyJ0.eyJ1\r\n").token().await.unwrap();
        assert_eq!(token.expose(), "eyJ0.eyJ1");
    }

    #[tokio::test]
    async fn an_invalid_token_is_rejected_without_being_shown() {
        for (text, expected) in [(" \n", "it is empty"), ("Bearer eyJ0", "it contains white space")] {
            let error = static_token(text).token().await.unwrap_err();
            let shown = format!("{error} {error:?}");
            assert!(shown.contains(expected), "{shown}");
            assert!(!shown.contains("eyJ0"));
        }
    }
}
