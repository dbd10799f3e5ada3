//! Shares one sign-in among all callers: caches the token while it is valid, and a failure permanently. Does not know
//! how to sign in, and never sleeps.

use std::sync::{Arc, Mutex as StdMutex, PoisonError};

use async_trait::async_trait;
use time::{Duration, OffsetDateTime};
use tokio::sync::Mutex;

use crate::transport::Secret;

use super::credential::{AccessToken, Credential};
use super::error::Error;
use super::selected_method::SelectedMethod;
use super::token_source::TokenSource;

/// A token is renewed when this much of its lifetime is left, or half of its lifetime if that is less.
const RENEWAL_MARGIN: Duration = Duration::minutes(5);
/// The delay between a failed early renewal and the next attempt.
const RENEWAL_RETRY_DELAY: Duration = Duration::seconds(30);

/// Returns the current time, UTC. Tests replace this clock.
type WallClock = Arc<dyn Fn() -> OffsetDateTime + Send + Sync>;

/// A token source that signs in with a credential when it needs a token. The cache and a cached failure live as long as
/// one configuration of the provider: with a wrong secret, ten callers cause only one request.
pub struct TokenCache {
    credential: Box<dyn Credential>,
    clock: WallClock,
    /// Held during a sign-in. If the caller that signs in is cancelled, the next caller signs in.
    sign_in_lock: Mutex<()>,
    state: StdMutex<CacheState>,
}

#[derive(Default)]
struct CacheState {
    cached: Option<CachedToken>,
    error: Option<Error>,
    /// After a failed early renewal, the time of the next attempt.
    next_renewal: Option<OffsetDateTime>,
    /// Whether a failed early renewal has been logged. Only the first failure is logged.
    is_failure_logged: bool,
}

#[derive(Clone)]
struct CachedToken {
    token: AccessToken,
    renew_at: OffsetDateTime,
    /// Whether this token replaced a token that Graph rejected. If Graph rejects the replacement too, another token
    /// will not help.
    is_replacement: bool,
}

impl TokenCache {
    /// Creates an empty cache. The first call that needs a token signs in.
    pub fn new(credential: Box<dyn Credential>) -> Self {
        Self::with_clock(credential, Arc::new(OffsetDateTime::now_utc))
    }

    fn with_clock(credential: Box<dyn Credential>, clock: WallClock) -> Self {
        Self { credential, clock, sign_in_lock: Mutex::default(), state: StdMutex::default() }
    }

    /// The cached token, if it is still valid, or the cached failure. The flag says whether an early renewal is due.
    fn cached_result(&self) -> Option<Result<(Secret, bool), Error>> {
        let now = (self.clock)();
        self.with_state(|state| {
            if let Some(error) = &state.error {
                return Some(Err(error.clone()));
            }
            let cached = state.cached.as_ref().filter(|cached| cached.token.expires_on > now)?;
            let may_renew = state.next_renewal.is_none_or(|next| next <= now);
            Some(Ok((cached.token.secret.clone(), cached.renew_at <= now && may_renew)))
        })
    }

    async fn sign_in(&self, is_replacement: bool) -> Result<Secret, Error> {
        let method = self.credential.selected_method();
        let token = self.credential.sign_in().await.map_err(|failure| Error::new(method.clone(), failure))?;
        tracing::debug!(
            method = %method.name,
            tenant_id = method.tenant_id.as_deref(),
            client_id = method.client_id.as_deref(),
            expires_on = %token.expires_on,
            "signed in"
        );
        let secret = token.secret.clone();
        let cached = CachedToken { renew_at: renew_at(&token, (self.clock)()), token, is_replacement };
        self.with_state(|state| *state = CacheState { cached: Some(cached), ..CacheState::default() });
        Ok(secret)
    }

    async fn sign_in_or_cache_error(&self, is_replacement: bool) -> Result<Secret, Error> {
        let result = self.sign_in(is_replacement).await;
        if let Err(error) = &result {
            self.with_state(|state| state.error = Some(error.clone()));
        }
        result
    }

    /// Renews a token that is still valid. If the renewal fails, the old token stays in use.
    async fn renew_early(&self, old: Secret) -> Secret {
        match self.sign_in(false).await {
            Ok(new) => new,
            Err(error) => {
                self.delay_renewal(&error);
                old
            }
        }
    }

    fn delay_renewal(&self, error: &Error) {
        let next = (self.clock)() + RENEWAL_RETRY_DELAY;
        let is_first = self.with_state(|state| {
            state.next_renewal = Some(next);
            !std::mem::replace(&mut state.is_failure_logged, true)
        });
        if is_first {
            tracing::warn!(%error, "the access token could not be renewed early; the old one is still valid");
        }
    }

    fn with_state<T>(&self, access: impl FnOnce(&mut CacheState) -> T) -> T {
        access(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
impl TokenSource for TokenCache {
    async fn token(&self) -> Result<Secret, Error> {
        if let Some(cached) = self.cached_result() {
            let (token, is_renewal_due) = cached?;
            return match self.sign_in_lock.try_lock() {
                Ok(_guard) if is_renewal_due => Ok(self.renew_early(token).await),
                // If the lock is held, another caller is already renewing.
                _ => Ok(token),
            };
        }
        let _guard = self.sign_in_lock.lock().await;
        match self.cached_result() {
            Some(cached) => cached.map(|(token, _)| token),
            None => self.sign_in_or_cache_error(false).await,
        }
    }

    async fn renew(&self, rejected: &Secret) -> Result<Option<Secret>, Error> {
        let _guard = self.sign_in_lock.lock().await;
        if let Some(error) = self.with_state(|state| state.error.clone()) {
            return Err(error);
        }
        let is_rejected = |cached: &CachedToken| cached.token.secret.expose() == rejected.expose();
        match self.with_state(|state| state.cached.clone()) {
            Some(cached) if !is_rejected(&cached) => return Ok(Some(cached.token.secret)),
            Some(cached) if cached.is_replacement => return Ok(None),
            _ => {}
        }
        let token = self.sign_in_or_cache_error(true).await?;
        // The Azure CLI and managed identities have caches of their own and may return the same token.
        Ok((token.expose() != rejected.expose()).then_some(token))
    }

    fn selected_method(&self) -> Option<&SelectedMethod> {
        Some(self.credential.selected_method())
    }
}

/// Prints the credential, which hides its secrets.
impl std::fmt::Debug for TokenCache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenCache").field("credential", &self.credential).finish_non_exhaustive()
    }
}

fn renew_at(token: &AccessToken, now: OffsetDateTime) -> OffsetDateTime {
    let lifetime = (token.expires_on - now).max(Duration::ZERO);
    token.expires_on - RENEWAL_MARGIN.min(lifetime / 2)
}

#[cfg(test)]
#[path = "token_cache_tests.rs"]
mod tests;
