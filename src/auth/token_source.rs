//! Where the bearer of a request comes from. Sends nothing itself and does not decide when to repeat a request.

use async_trait::async_trait;

use crate::transport::Secret;

use super::attempt::{Attempt, MethodName};
use super::error::{Error, Problem};
use super::inputs::Origin;

/// Hands out the access token for the next request.
///
/// Called before every attempt, so an implementation keeps the token while it is good. Nothing is asked of it
/// before the first request.
#[async_trait]
pub trait TokenSource: Send + Sync {
    /// A token that is valid now, without the word `Bearer`.
    async fn token(&self) -> Result<Secret, Error>;

    /// Another token after a service refused `refused` as unauthorised; `None` if there is no other to be had.
    async fn renew(&self, refused: &Secret) -> Result<Option<Secret>, Error>;

    /// How the tokens are got, for messages; `None` if that is not known.
    fn attempt(&self) -> Option<&Attempt> {
        None
    }
}

/// One token given by the user, used until Graph refuses it.
#[derive(Debug, Clone)]
pub struct StaticToken {
    token: Secret,
    attempt: Attempt,
}

impl StaticToken {
    /// Takes the token as configured. White space around it is dropped: tokens often come from a file or a command
    /// and end in a line break.
    pub fn new(token: &str, attempt: Attempt) -> Self {
        Self { token: Secret::new(token.trim()), attempt }
    }

    /// The same, said to be the value of the argument `access_token`.
    pub fn of_argument(token: &str) -> Self {
        const ACCESS_TOKEN: &str = "access_token";
        let attempt = Attempt {
            method: MethodName::AccessToken,
            why: format!("{ACCESS_TOKEN} wins over every other method"),
            inputs: vec![(ACCESS_TOKEN, Origin::Argument(ACCESS_TOKEN))],
            tenant_id: None,
            client_id: None,
        };
        Self::new(token, attempt)
    }
}

#[async_trait]
impl TokenSource for StaticToken {
    async fn token(&self) -> Result<Secret, Error> {
        let token = self.token.expose();
        let problem = if token.is_empty() {
            "it is empty"
        } else if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            "it holds white space or characters outside ASCII; give the bare token, without \"Bearer\""
        } else {
            return Ok(self.token.clone());
        };
        let problem = Problem::Input { input: "access_token", problem: problem.to_owned() };
        Err(Error::new(self.attempt.clone(), problem))
    }

    async fn renew(&self, _refused: &Secret) -> Result<Option<Secret>, Error> {
        Ok(None)
    }

    fn attempt(&self) -> Option<&Attempt> {
        Some(&self.attempt)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn static_token_is_handed_out_without_the_white_space_around_it() {
        let token = StaticToken::of_argument(" eyJ0.eyJ1\r\n").token().await.unwrap();
        assert_eq!(token.expose(), "eyJ0.eyJ1");
    }

    #[tokio::test]
    async fn a_token_that_cannot_stand_in_a_header_is_refused_without_being_shown() {
        for (text, expected) in [(" \n", "it is empty"), ("Bearer eyJ0", "it holds white space")] {
            let error = StaticToken::of_argument(text).token().await.unwrap_err();
            let shown = format!("{error} {error:?}");
            assert!(shown.contains(expected), "{shown}");
            assert!(!shown.contains("eyJ0"));
        }
    }
}
