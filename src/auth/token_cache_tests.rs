//! The token cache against a credential that counts and a clock that is set by hand.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

use tokio::sync::Semaphore;

use super::*;
use crate::auth::attempt::MethodName;
use crate::auth::error::Problem;

const EXPIRY_SECONDS: i64 = 3_600;

#[derive(Debug)]
struct World {
    now: AtomicI64,
    sign_ins: AtomicUsize,
    results: StdMutex<VecDeque<Result<(&'static str, i64), ()>>>,
    /// Each sign-in takes one.
    permits: Semaphore,
    attempt: Attempt,
}

#[derive(Debug)]
struct Scripted(Arc<World>);

#[async_trait]
impl Credential for Scripted {
    async fn sign_in(&self) -> Result<AccessToken, Problem> {
        self.0.sign_ins.fetch_add(1, Ordering::SeqCst);
        self.0.permits.acquire().await.unwrap().forget();
        let result = self.0.results.lock().unwrap().pop_front().expect("a sign-in too many");
        let failed = Problem::Program { program: "az", message: "no".into() };
        result
            .map(|(token, expiry)| AccessToken { secret: Secret::new(token), expires_on: at(expiry) })
            .map_err(|()| failed)
    }

    fn attempt(&self) -> &Attempt {
        &self.0.attempt
    }
}

fn at(seconds: i64) -> OffsetDateTime {
    OffsetDateTime::UNIX_EPOCH + Duration::seconds(seconds)
}

fn cache(results: &[Result<(&'static str, i64), ()>]) -> (Arc<World>, Arc<TokenCache>) {
    let attempt = Attempt {
        method: MethodName::AzureCli,
        why: String::new(),
        inputs: Vec::new(),
        tenant_id: None,
        client_id: None,
    };
    let world = Arc::new(World {
        now: AtomicI64::new(0),
        sign_ins: AtomicUsize::new(0),
        results: StdMutex::new(results.iter().copied().collect()),
        permits: Semaphore::new(100),
        attempt,
    });
    let clock = {
        let world = Arc::clone(&world);
        Arc::new(move || at(world.now.load(Ordering::SeqCst)))
    };
    let cache = TokenCache::with_clock(Box::new(Scripted(Arc::clone(&world))), clock);
    (world, Arc::new(cache))
}

impl World {
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

async fn renewed(cache: &TokenCache, refused: &str) -> Option<String> {
    cache.renew(&Secret::new(refused)).await.unwrap().map(|token| token.expose().to_owned())
}

#[tokio::test]
async fn ten_callers_share_one_sign_in() {
    let (world, cache) = cache(&[Ok(("a", EXPIRY_SECONDS))]);
    world.permits.forget_permits(100);
    let ask = |cache: Arc<TokenCache>| tokio::spawn(async move { token(&cache).await });
    let asked: Vec<_> = (0..10).map(|_| ask(Arc::clone(&cache))).collect();
    // One thread runs the tests: all ten have asked before the sign-in is let through.
    while world.sign_ins() < 1 {
        tokio::task::yield_now().await;
    }
    world.permits.add_permits(10);
    for answer in asked {
        assert_eq!(answer.await.unwrap(), "a");
    }
    assert_eq!(world.sign_ins(), 1);
}

#[tokio::test]
async fn a_failure_is_shared_and_remembered() {
    let (world, cache) = cache(&[Err(())]);
    for expected in [true, false, false] {
        let error = cache.token().await.unwrap_err();
        assert_eq!(error.is_first_told(), expected);
    }
    assert!(cache.renew(&Secret::new("x")).await.is_err());
    assert_eq!(world.sign_ins(), 1);
}

#[tokio::test]
async fn a_token_is_renewed_when_five_minutes_are_left() {
    let (world, cache) = cache(&[Ok(("a", EXPIRY_SECONDS)), Ok(("b", 2 * EXPIRY_SECONDS))]);
    for (now, expected) in [(0, "a"), (EXPIRY_SECONDS - 301, "a"), (EXPIRY_SECONDS - 300, "b")] {
        world.set_clock(now);
        assert_eq!(token(&cache).await, expected, "{now}");
    }
}

#[tokio::test]
async fn a_short_lived_token_is_kept_for_half_of_its_life() {
    let (world, cache) = cache(&[Ok(("a", 200)), Ok(("b", 400))]);
    for (now, expected) in [(0, "a"), (99, "a"), (100, "b")] {
        world.set_clock(now);
        assert_eq!(token(&cache).await, expected, "{now}");
    }
}

#[tokio::test]
async fn a_failed_early_renewal_leaves_the_old_token_and_is_tried_again_after_a_pause() {
    let (world, cache) = cache(&[Ok(("a", EXPIRY_SECONDS)), Err(()), Ok(("b", 2 * EXPIRY_SECONDS))]);
    token(&cache).await;
    let due = EXPIRY_SECONDS - 100;
    for (now, expected, sign_ins) in [(due, "a", 2), (due + 29, "a", 2), (due + 30, "b", 3)] {
        world.set_clock(now);
        assert_eq!((token(&cache).await.as_str(), world.sign_ins()), (expected, sign_ins), "{now}");
    }
}

#[tokio::test]
async fn while_one_renews_early_others_use_the_old_token() {
    let (world, cache) = cache(&[Ok(("a", EXPIRY_SECONDS)), Ok(("b", 2 * EXPIRY_SECONDS))]);
    token(&cache).await;
    world.set_clock(EXPIRY_SECONDS - 10);
    world.permits.forget_permits(100);
    let renewing = tokio::spawn({
        let cache = Arc::clone(&cache);
        async move { token(&cache).await }
    });
    while world.sign_ins() < 2 {
        tokio::task::yield_now().await;
    }
    assert_eq!(token(&cache).await, "a");
    world.permits.add_permits(1);
    assert_eq!(renewing.await.unwrap(), "b");
}

#[tokio::test]
async fn an_expired_token_is_never_handed_out() {
    let (world, cache) = cache(&[Ok(("a", EXPIRY_SECONDS)), Err(())]);
    token(&cache).await;
    world.set_clock(EXPIRY_SECONDS);
    assert!(cache.token().await.is_err());
}

#[tokio::test]
async fn a_refused_token_is_replaced_once_however_many_report_it() {
    let (world, cache) = cache(&[Ok(("a", EXPIRY_SECONDS)), Ok(("b", EXPIRY_SECONDS))]);
    token(&cache).await;
    for _ in 0..10 {
        assert_eq!(renewed(&cache, "a").await.as_deref(), Some("b"));
    }
    assert_eq!(token(&cache).await, "b");
    assert_eq!(world.sign_ins(), 2);
}

#[tokio::test]
async fn a_replacement_that_is_refused_too_ends_it() {
    let (world, cache) = cache(&[Ok(("a", EXPIRY_SECONDS)), Ok(("b", EXPIRY_SECONDS))]);
    token(&cache).await;
    assert_eq!(renewed(&cache, "a").await.as_deref(), Some("b"));
    assert_eq!(renewed(&cache, "b").await, None);
    assert_eq!(renewed(&cache, "b").await, None);
    assert_eq!(world.sign_ins(), 2);
}

#[tokio::test]
async fn the_same_token_again_is_no_replacement() {
    let (world, cache) = cache(&[Ok(("a", EXPIRY_SECONDS)), Ok(("a", EXPIRY_SECONDS))]);
    token(&cache).await;
    assert_eq!(renewed(&cache, "a").await, None);
    assert_eq!(renewed(&cache, "a").await, None);
    assert_eq!(world.sign_ins(), 2);
}

#[tokio::test]
async fn a_caller_who_gives_up_lets_the_next_one_sign_in() {
    let (world, cache) = cache(&[Ok(("a", EXPIRY_SECONDS))]);
    world.permits.forget_permits(100);
    let first = tokio::spawn({
        let cache = Arc::clone(&cache);
        async move { token(&cache).await }
    });
    while world.sign_ins() < 1 {
        tokio::task::yield_now().await;
    }
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    world.permits.add_permits(1);
    assert_eq!((token(&cache).await.as_str(), world.sign_ins()), ("a", 2));
}
