//! The token cache with a scripted credential and a manual clock.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

use tokio::sync::Semaphore;

use super::*;
use crate::auth::error::SignInFailure;
use crate::auth::selected_method::MethodName;

const EXPIRY_SECONDS: i64 = 3_600;

#[derive(Debug)]
struct Script {
    now: AtomicI64,
    sign_ins: AtomicUsize,
    /// The token and its expiry for each sign-in, or a failure.
    results: StdMutex<VecDeque<Result<(&'static str, i64), ()>>>,
    /// Each sign-in acquires one permit.
    permits: Semaphore,
    selected_method: SelectedMethod,
}

#[derive(Debug)]
struct ScriptedCredential(Arc<Script>);

#[async_trait]
impl Credential for ScriptedCredential {
    async fn sign_in(&self) -> Result<AccessToken, SignInFailure> {
        self.0.sign_ins.fetch_add(1, Ordering::SeqCst);
        self.0.permits.acquire().await.unwrap().forget();
        let result = self.0.results.lock().unwrap().pop_front().expect("an unexpected sign-in");
        let failure = SignInFailure::ProgramFailed { program: "az", message: "no".into() };
        result
            .map(|(token, expiry)| AccessToken { secret: Secret::new(token), expires_on: time_at(expiry) })
            .map_err(|()| failure)
    }

    fn selected_method(&self) -> &SelectedMethod {
        &self.0.selected_method
    }
}

fn time_at(seconds: i64) -> OffsetDateTime {
    OffsetDateTime::UNIX_EPOCH + Duration::seconds(seconds)
}

fn cache(results: &[Result<(&'static str, i64), ()>]) -> (Arc<Script>, Arc<TokenCache>) {
    let selected_method = SelectedMethod {
        name: MethodName::AzureCli,
        reason: String::new(),
        inputs: Vec::new(),
        tenant_id: None,
        client_id: None,
    };
    let script = Arc::new(Script {
        now: AtomicI64::new(0),
        sign_ins: AtomicUsize::new(0),
        results: StdMutex::new(results.iter().copied().collect()),
        permits: Semaphore::new(100),
        selected_method,
    });
    let clock = {
        let script = Arc::clone(&script);
        Arc::new(move || time_at(script.now.load(Ordering::SeqCst)))
    };
    let cache = TokenCache::with_clock(Box::new(ScriptedCredential(Arc::clone(&script))), clock);
    (script, Arc::new(cache))
}

impl Script {
    fn set_clock(&self, seconds: i64) {
        self.now.store(seconds, Ordering::SeqCst);
    }

    fn sign_ins(&self) -> usize {
        self.sign_ins.load(Ordering::SeqCst)
    }
}

async fn token(cache: &TokenCache) -> String {
    cache.token().await.unwrap().expose().to_owned()
}

async fn renew(cache: &TokenCache, rejected: &str) -> Option<String> {
    cache.renew(&Secret::new(rejected)).await.unwrap().map(|token| token.expose().to_owned())
}

#[tokio::test]
async fn ten_callers_share_one_sign_in() {
    let (script, cache) = cache(&[Ok(("a", EXPIRY_SECONDS))]);
    script.permits.forget_permits(100);
    let call = |cache: Arc<TokenCache>| tokio::spawn(async move { token(&cache).await });
    let calls: Vec<_> = (0..10).map(|_| call(Arc::clone(&cache))).collect();
    // The runtime has one thread, so all ten tasks have called `token` when this loop ends.
    while script.sign_ins() < 1 {
        tokio::task::yield_now().await;
    }
    script.permits.add_permits(10);
    for call in calls {
        assert_eq!(call.await.unwrap(), "a");
    }
    assert_eq!(script.sign_ins(), 1);
}

#[tokio::test]
async fn a_failure_is_shared_and_cached() {
    let (script, cache) = cache(&[Err(())]);
    for expected in [true, false, false] {
        let error = cache.token().await.unwrap_err();
        assert_eq!(error.mark_reported(), expected);
    }
    assert!(cache.renew(&Secret::new("x")).await.is_err());
    assert_eq!(script.sign_ins(), 1);
}

#[tokio::test]
async fn a_token_is_renewed_when_five_minutes_are_left() {
    let (script, cache) = cache(&[Ok(("a", EXPIRY_SECONDS)), Ok(("b", 2 * EXPIRY_SECONDS))]);
    for (now, expected) in [(0, "a"), (EXPIRY_SECONDS - 301, "a"), (EXPIRY_SECONDS - 300, "b")] {
        script.set_clock(now);
        assert_eq!(token(&cache).await, expected, "{now}");
    }
}

#[tokio::test]
async fn a_short_lived_token_is_used_for_half_of_its_lifetime() {
    let (script, cache) = cache(&[Ok(("a", 200)), Ok(("b", 400))]);
    for (now, expected) in [(0, "a"), (99, "a"), (100, "b")] {
        script.set_clock(now);
        assert_eq!(token(&cache).await, expected, "{now}");
    }
}

#[tokio::test]
async fn a_failed_early_renewal_keeps_the_old_token_and_is_retried_after_a_delay() {
    let (script, cache) = cache(&[Ok(("a", EXPIRY_SECONDS)), Err(()), Ok(("b", 2 * EXPIRY_SECONDS))]);
    token(&cache).await;
    let due = EXPIRY_SECONDS - 100;
    for (now, expected, sign_ins) in [(due, "a", 2), (due + 29, "a", 2), (due + 30, "b", 3)] {
        script.set_clock(now);
        assert_eq!((token(&cache).await.as_str(), script.sign_ins()), (expected, sign_ins), "{now}");
    }
}

#[tokio::test]
async fn during_an_early_renewal_other_callers_use_the_old_token() {
    let (script, cache) = cache(&[Ok(("a", EXPIRY_SECONDS)), Ok(("b", 2 * EXPIRY_SECONDS))]);
    token(&cache).await;
    script.set_clock(EXPIRY_SECONDS - 10);
    script.permits.forget_permits(100);
    let renewing = tokio::spawn({
        let cache = Arc::clone(&cache);
        async move { token(&cache).await }
    });
    while script.sign_ins() < 2 {
        tokio::task::yield_now().await;
    }
    assert_eq!(token(&cache).await, "a");
    script.permits.add_permits(1);
    assert_eq!(renewing.await.unwrap(), "b");
}

#[tokio::test]
async fn an_expired_token_is_never_returned() {
    let (script, cache) = cache(&[Ok(("a", EXPIRY_SECONDS)), Err(())]);
    token(&cache).await;
    script.set_clock(EXPIRY_SECONDS);
    assert!(cache.token().await.is_err());
}

#[tokio::test]
async fn a_rejected_token_is_replaced_once_for_all_callers() {
    let (script, cache) = cache(&[Ok(("a", EXPIRY_SECONDS)), Ok(("b", EXPIRY_SECONDS))]);
    token(&cache).await;
    for _ in 0..10 {
        assert_eq!(renew(&cache, "a").await.as_deref(), Some("b"));
    }
    assert_eq!(token(&cache).await, "b");
    assert_eq!(script.sign_ins(), 2);
}

#[tokio::test]
async fn a_rejected_replacement_is_not_replaced_again() {
    let (script, cache) = cache(&[Ok(("a", EXPIRY_SECONDS)), Ok(("b", EXPIRY_SECONDS))]);
    token(&cache).await;
    assert_eq!(renew(&cache, "a").await.as_deref(), Some("b"));
    assert_eq!(renew(&cache, "b").await, None);
    assert_eq!(renew(&cache, "b").await, None);
    assert_eq!(script.sign_ins(), 2);
}

#[tokio::test]
async fn the_rejected_token_is_not_returned_as_its_replacement() {
    let (script, cache) = cache(&[Ok(("a", EXPIRY_SECONDS)), Ok(("a", EXPIRY_SECONDS))]);
    token(&cache).await;
    assert_eq!(renew(&cache, "a").await, None);
    assert_eq!(renew(&cache, "a").await, None);
    assert_eq!(script.sign_ins(), 2);
}

#[tokio::test]
async fn after_a_cancelled_call_the_next_one_signs_in() {
    let (script, cache) = cache(&[Ok(("a", EXPIRY_SECONDS))]);
    script.permits.forget_permits(100);
    let first = tokio::spawn({
        let cache = Arc::clone(&cache);
        async move { token(&cache).await }
    });
    while script.sign_ins() < 1 {
        tokio::task::yield_now().await;
    }
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    script.permits.add_permits(1);
    assert_eq!((token(&cache).await.as_str(), script.sign_ins()), ("a", 2));
}
