//! Where the bearer of a request comes from. Does not send Graph requests and does not decide when to repeat one.

use async_trait::async_trait;

use super::error::{Error, Refusal};
use super::secret::Secret;

/// Hands out the access token for the next request.
///
/// Called before every attempt, so an implementation keeps the token while it is good. Nothing is asked of it
/// before the first request.
#[async_trait]
pub trait TokenSource: Send + Sync {
    /// A token that is valid now, without the word `Bearer`.
    async fn token(&self) -> Result<Secret, Error>;
}

/// One token given by the user, used until Graph refuses it.
#[derive(Debug, Clone)]
pub struct StaticToken {
    token: Secret,
}

impl StaticToken {
    /// Takes the token as configured. White space around it is dropped: tokens often come from a file or a command
    /// and end in a line break.
    pub fn new(token: &str) -> Self {
        Self { token: Secret::new(token.trim()) }
    }
}

#[async_trait]
impl TokenSource for StaticToken {
    async fn token(&self) -> Result<Secret, Error> {
        let token = self.token.expose();
        if token.is_empty() {
            return Err(Refusal::EmptyToken.into());
        }
        if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Refusal::UnfitToken.into());
        }
        Ok(self.token.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn static_token_is_handed_out_without_the_white_space_around_it() {
        let token = StaticToken::new(" eyJ0.eyJ1\r\n").token().await.unwrap();
        assert_eq!(token.expose(), "eyJ0.eyJ1");
    }

    #[tokio::test]
    async fn a_token_that_cannot_stand_in_a_header_is_refused_without_being_shown() {
        for (text, expected) in [(" \n", Refusal::EmptyToken), ("Bearer eyJ0", Refusal::UnfitToken)] {
            let error = StaticToken::new(text).token().await.unwrap_err();
            assert!(matches!(&error, Error::Refused(refusal) if *refusal == expected), "{error:?}");
            assert!(!format!("{error} {error:?}").contains("eyJ0"));
        }
    }
}
