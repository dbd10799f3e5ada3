//! From a sign-in to the tokens that it gives. So far only a given token gives any.

use std::sync::Arc;

use async_trait::async_trait;

use crate::transport::{Secret, Transport};

use super::attempt::Attempt;
use super::error::{Error, Problem};
use super::method::{Method, SignIn};
use super::token_source::{StaticToken, TokenSource};

/// The tokens of a sign-in. Nothing is sent before the first one is asked for.
pub fn token_source(sign_in: SignIn, _transport: &Transport) -> Arc<dyn TokenSource> {
    match sign_in.method {
        Method::AccessToken(token) => Arc::new(StaticToken::new(token.expose(), sign_in.attempt)),
        _ => Arc::new(Missing(sign_in.attempt)),
    }
}

struct Missing(Attempt);

#[async_trait]
impl TokenSource for Missing {
    async fn token(&self) -> Result<Secret, Error> {
        let problem = format!("signing in with {} is not possible yet", self.0.method);
        Err(Error::new(self.0.clone(), Problem::Input { input: "access_token", problem }))
    }

    async fn renew(&self, _refused: &Secret) -> Result<Option<Secret>, Error> {
        Ok(None)
    }
}
