//! One sign-in for any number of callers: keeps the token while it is good and the failure for good. Does not know
//! how to sign in, and never waits by itself.

use std::sync::{Arc, Mutex as StdMutex, PoisonError};

use async_trait::async_trait;
use time::{Duration, OffsetDateTime};
use tokio::sync::Mutex;

use crate::transport::Secret;

use super::attempt::Attempt;
use super::credential::{AccessToken, Credential};
use super::error::Error;
use super::token_source::TokenSource;

/// A token is renewed when this much of its life is left, or half of its life if that is less.
const RENEWAL_MARGIN: Duration = Duration::minutes(5);
/// How long an early renewal that failed is not tried again.
const PAUSE: Duration = Duration::seconds(30);

/// Tells the time; a test brings its own.
pub type Clock = Arc<dyn Fn() -> OffsetDateTime + Send + Sync>;

/// A token source that signs in with a credential when it has to. Lives as long as one configuration of the
/// provider, and so does a failure: ten callers with a wrong secret make one request.
pub struct TokenCache {
    credential: Box<dyn Credential>,
    clock: Clock,
    /// Held while signing in. A caller who gives up waiting lets the next one try.
    signing_in: Mutex<()>,
    state: StdMutex<State>,
}

#[derive(Default)]
struct State {
    held: Option<Held>,
    failure: Option<Error>,
    /// Early renewal failed; it is tried again from then on.
    paused_until: Option<OffsetDateTime>,
    warned: bool,
}

#[derive(Clone)]
struct Held {
    token: AccessToken,
    renew_at: OffsetDateTime,
    /// It was got because its predecessor was refused. If it is refused too, no third will help.
    after_refusal: bool,
}

impl TokenCache {
    /// Nobody is signed in before the first question.
    pub fn new(credential: Box<dyn Credential>) -> Self {
        Self::with_clock(credential, Arc::new(OffsetDateTime::now_utc))
    }

    /// The same with another clock.
    pub fn with_clock(credential: Box<dyn Credential>, clock: Clock) -> Self {
        Self { credential, clock, signing_in: Mutex::default(), state: StdMutex::default() }
    }

    /// What can be told without signing in. The flag says whether an early renewal is due.
    fn known(&self) -> Option<Result<(Secret, bool), Error>> {
        let now = (self.clock)();
        self.with_state(|state| {
            if let Some(error) = &state.failure {
                return Some(Err(error.clone()));
            }
            let held = state.held.as_ref().filter(|held| held.token.expires_on > now)?;
            let is_paused = state.paused_until.is_some_and(|until| now < until);
            Some(Ok((held.token.secret.clone(), held.renew_at <= now && !is_paused)))
        })
    }

    async fn sign_in(&self, after_refusal: bool) -> Result<Secret, Error> {
        let attempt = self.credential.attempt();
        let token =
            self.credential.sign_in().await.map_err(|problem| Error::new(attempt.clone(), problem))?;
        tracing::debug!(
            method = %attempt.method,
            tenant_id = attempt.tenant_id.as_deref(),
            client_id = attempt.client_id.as_deref(),
            expires_on = %token.expires_on,
            "signed in"
        );
        let secret = token.secret.clone();
        let held = Held { renew_at: renew_at(&token, (self.clock)()), token, after_refusal };
        self.with_state(|state| *state = State { held: Some(held), ..State::default() });
        Ok(secret)
    }

    async fn sign_in_for_good(&self, after_refusal: bool) -> Result<Secret, Error> {
        let result = self.sign_in(after_refusal).await;
        if let Err(error) = &result {
            self.with_state(|state| state.failure = Some(error.clone()));
        }
        result
    }

    /// Renews while the old token is still good, which it stays if that fails.
    async fn renew_early(&self, old: Secret) -> Secret {
        match self.sign_in(false).await {
            Ok(new) => new,
            Err(error) => {
                self.pause(&error);
                old
            }
        }
    }

    fn pause(&self, error: &Error) {
        let until = (self.clock)() + PAUSE;
        let is_first = self.with_state(|state| {
            state.paused_until = Some(until);
            !std::mem::replace(&mut state.warned, true)
        });
        if is_first {
            tracing::warn!(%error, "the access token could not be renewed early; the old one is still good");
        }
    }

    fn with_state<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
impl TokenSource for TokenCache {
    async fn token(&self) -> Result<Secret, Error> {
        if let Some(known) = self.known() {
            let (token, is_due) = known?;
            return match self.signing_in.try_lock() {
                Ok(_signing_in) if is_due => Ok(self.renew_early(token).await),
                // Somebody else renews already.
                _ => Ok(token),
            };
        }
        let _signing_in = self.signing_in.lock().await;
        match self.known() {
            Some(known) => known.map(|(token, _)| token),
            None => self.sign_in_for_good(false).await,
        }
    }

    async fn renew(&self, refused: &Secret) -> Result<Option<Secret>, Error> {
        let _signing_in = self.signing_in.lock().await;
        if let Some(error) = self.with_state(|state| state.failure.clone()) {
            return Err(error);
        }
        let is_refused = |held: &Held| held.token.secret.expose() == refused.expose();
        match self.with_state(|state| state.held.clone()) {
            Some(held) if !is_refused(&held) => return Ok(Some(held.token.secret)),
            Some(held) if held.after_refusal => return Ok(None),
            _ => {}
        }
        let token = self.sign_in_for_good(true).await?;
        // The Azure CLI and managed identities keep tokens of their own and may hand out the same one.
        Ok((token.expose() != refused.expose()).then_some(token))
    }

    fn attempt(&self) -> Option<&Attempt> {
        Some(self.credential.attempt())
    }
}

/// Prints the credential, which hides its secrets.
impl std::fmt::Debug for TokenCache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenCache").field("credential", &self.credential).finish_non_exhaustive()
    }
}

fn renew_at(token: &AccessToken, now: OffsetDateTime) -> OffsetDateTime {
    let life = (token.expires_on - now).max(Duration::ZERO);
    token.expires_on - RENEWAL_MARGIN.min(life / 2)
}

#[cfg(test)]
#[path = "token_cache_tests.rs"]
mod tests;
