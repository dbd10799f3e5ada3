//! A circuit breaker for the requests of one throttling bucket. Once Graph throttles one of them, all of them pause.
//! After the pause, a single request is sent as a probe before the others. Sends nothing and classifies no error.
//!
//! ```text
//! closed ── throttled ──> open ── pause ends ──> half-open ── probe succeeds ──> closed
//!                          ^──── probe throttled ────┘
//! ```

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio::time::Instant;

use crate::graph::call_record::GiveUpReason;
use crate::graph::error::Error;

use super::budget::RetryBudget;
use super::clock::{self, Clock};
use super::delay;
use super::throttling_bucket::ThrottlingBucket;

/// Grants the permits to send requests of one bucket.
pub(super) struct CircuitBreaker {
    bucket: ThrottlingBucket,
    /// `None` while the breaker is closed.
    pause: Mutex<Option<Pause>>,
    /// Whether a read of this bucket has spent its whole budget on failures, and no request has succeeded since.
    is_failing: AtomicBool,
    /// Notifies waiting requests that the breaker has closed or that its probe has ended.
    changed: Notify,
}

/// A permit to send one request. If the permit of a probe is dropped without a recorded response, another request
/// becomes the probe.
pub struct Permit {
    breaker: Arc<CircuitBreaker>,
    is_probe: bool,
    has_waited: bool,
}

struct Pause {
    until: Instant,
    /// The number of pauses before this one since the breaker was last closed.
    round: u32,
    /// Whether a probe is in flight: the breaker is half-open.
    has_probe: bool,
    /// The latest throttling error. Requests that give up before they are sent return it.
    cause: Error,
}

impl Pause {
    /// Whether `error` and the latest throttling error come from the same response. One response can throttle several
    /// reads of a `$batch`.
    fn shares_response_with(&self, error: &Error) -> bool {
        let id = |error: &Error| error.call().map(|call| call.client_request_id.clone());
        id(&self.cause) == id(error)
    }
}

/// Whether a request may be sent now.
enum Admission {
    Granted { is_probe: bool },
    SleepUntil(Instant),
    WaitForProbe,
}

impl CircuitBreaker {
    pub(super) fn new(bucket: ThrottlingBucket) -> Self {
        Self { bucket, pause: Mutex::default(), is_failing: AtomicBool::new(false), changed: Notify::new() }
    }

    /// Records that a request has spent its whole budget on failures. Ignores writes, because their callers decide when
    /// to give up.
    pub(super) fn record_spent_budget(&self) {
        self.is_failing.store(self.bucket != ThrottlingBucket::IntuneWrites, Ordering::Relaxed);
    }

    pub(super) fn record_success(&self) {
        self.is_failing.store(false, Ordering::Relaxed);
    }

    /// Whether requests of this bucket have failed for so long that further requests should give up early.
    pub(super) fn is_failing(&self) -> bool {
        self.is_failing.load(Ordering::Relaxed)
    }

    /// Waits for a permit.
    ///
    /// # Errors
    /// The wait would exceed `deadline`, or the caller cancelled. The error is the latest throttling error.
    pub(super) async fn acquire(
        self: &Arc<Self>,
        clock: &dyn Clock,
        budget: &RetryBudget,
        deadline: Instant,
    ) -> Result<Permit, (GiveUpReason, Error)> {
        let mut has_waited = false;
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            // Listening starts before the check. Otherwise, a change between the check and the wait would be missed.
            changed.as_mut().enable();
            let wait = match self.admit(clock.now()) {
                Admission::Granted { is_probe } => {
                    return Ok(Permit { breaker: Arc::clone(self), is_probe, has_waited });
                }
                Admission::SleepUntil(pause_end) if pause_end >= deadline => Err(GiveUpReason::OutOfTime),
                Admission::SleepUntil(pause_end) => tokio::select! {
                    biased;
                    () = budget.cancelled() => Err(GiveUpReason::Cancelled),
                    () = clock.sleep_until(pause_end) => Ok(()),
                },
                Admission::WaitForProbe => tokio::select! {
                    biased;
                    () = budget.cancelled() => Err(GiveUpReason::Cancelled),
                    () = changed => Ok(()),
                    () = tokio::time::sleep(deadline.saturating_duration_since(clock.now())) => {
                        Err(GiveUpReason::OutOfTime)
                    }
                },
            };
            match (wait, self.cause()) {
                (Err(give_up_reason), Some(cause)) => return Err((give_up_reason, cause)),
                // The wait has ended, or the breaker has closed meanwhile: check again.
                _ => has_waited = true,
            }
        }
    }

    /// Records that Graph has throttled a request of this bucket: starts or extends the pause. Returns the end of the
    /// pause.
    pub(super) fn open(&self, clock: &dyn Clock, error: &Error, by_probe: bool) -> Instant {
        let now = clock.now();
        let mut pause = self.lock();
        // A throttled probe starts the next round. So does any other throttled request whose response arrives after the
        // pause, unless another request has already reported the same response.
        let starts_next_round =
            |pause: &Pause| by_probe || (pause.until <= now && !pause.shares_response_with(error));
        let is_next_round = pause.as_ref().is_some_and(starts_next_round);
        let round = pause.as_ref().map_or(0, |pause| pause.round.saturating_add(u32::from(is_next_round)));
        let delay = error.call().and_then(|call| {
            // A response that arrives during the pause extends the pause only if it has a `Retry-After`.
            let sets_delay =
                pause.is_none() || is_next_round || delay::retry_after(call, clock.date()).is_some();
            let delay = delay::after_throttling(call, clock.date(), round, clock.random());
            sets_delay.then_some(delay)
        });
        let until = pause.as_ref().map_or(now, |pause| pause.until);
        let until = delay.map_or(until, |delay| clock::add(now, delay).max(until));
        let has_probe = !by_probe && pause.as_ref().is_some_and(|pause| pause.has_probe);
        if pause.is_none() || is_next_round {
            self.log_pause(error, until.saturating_duration_since(now).as_millis(), round);
        }
        *pause = Some(Pause { until, round, has_probe, cause: error.clone() });
        until
    }

    fn admit(&self, now: Instant) -> Admission {
        match &mut *self.lock() {
            None => Admission::Granted { is_probe: false },
            Some(pause) if now < pause.until => Admission::SleepUntil(pause.until),
            Some(pause) if pause.has_probe => Admission::WaitForProbe,
            Some(pause) => {
                pause.has_probe = true;
                Admission::Granted { is_probe: true }
            }
        }
    }

    fn cause(&self) -> Option<Error> {
        self.lock().as_ref().map(|pause| pause.cause.clone())
    }

    fn lock(&self) -> MutexGuard<'_, Option<Pause>> {
        self.pause.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn log_pause(&self, error: &Error, pause_ms: u128, round: u32) {
        tracing::info!(
            bucket = self.bucket.as_str(),
            status = error.status(),
            retry_after = error.call().and_then(|call| call.retry_after.as_deref()),
            pause_ms = u64::try_from(pause_ms).unwrap_or(u64::MAX),
            throttled_before = round,
            "Microsoft Graph is throttling; all requests of this throttling bucket pause",
        );
    }
}

impl Permit {
    /// Whether the request had to wait for the permit. Data that was read before the wait may be stale.
    pub fn has_waited(&self) -> bool {
        self.has_waited
    }

    /// Records that Graph answered without throttling.
    pub(super) fn record_response(mut self) {
        if self.is_probe {
            self.is_probe = false;
            *self.breaker.lock() = None;
            self.breaker.changed.notify_waiters();
        }
    }

    /// Records that Graph throttled the request.
    pub(super) fn record_throttling(mut self, clock: &dyn Clock, error: &Error) {
        let by_probe = std::mem::take(&mut self.is_probe);
        self.breaker.open(clock, error, by_probe);
        self.breaker.changed.notify_waiters();
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if self.is_probe {
            if let Some(pause) = &mut *self.breaker.lock() {
                pause.has_probe = false;
            }
            self.breaker.changed.notify_waiters();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};
    use std::time::Duration;

    use async_trait::async_trait;
    use time::OffsetDateTime;

    use super::*;
    use uuid::Uuid;

    use crate::graph::call_record::CallRecord;
    use crate::graph::error_object::ErrorObject;
    use crate::graph::request::{ApiVersion, Request};

    /// A clock that the test advances. A sleeping future notices the new time when it is next polled.
    struct ManualClock {
        start: Instant,
        elapsed: Mutex<Duration>,
    }

    impl ManualClock {
        fn new() -> Self {
            Self { start: Instant::now(), elapsed: Mutex::default() }
        }

        fn advance(&self, seconds: u64) {
            *self.elapsed.lock().unwrap() += Duration::from_secs(seconds);
        }
    }

    #[async_trait]
    impl Clock for ManualClock {
        fn now(&self) -> Instant {
            self.start + *self.elapsed.lock().unwrap()
        }

        fn date(&self) -> OffsetDateTime {
            OffsetDateTime::UNIX_EPOCH
        }

        async fn sleep_until(&self, deadline: Instant) {
            std::future::poll_fn(|_| if self.now() >= deadline { Poll::Ready(()) } else { Poll::Pending })
                .await;
        }

        fn random(&self) -> f64 {
            1.0
        }
    }

    fn throttled(retry_after: Option<&str>) -> Error {
        let mut call = CallRecord::new(&Request::get(ApiVersion::Beta, &["x"]), Uuid::new_v4().to_string());
        call.record_head(429, |name| retry_after.filter(|_| name == "retry-after").map(str::to_owned));
        Error::Api { call: Box::new(call), object: Box::new(ErrorObject::default()) }
    }

    fn open_breaker(clock: &ManualClock, retry_after: Option<&str>) -> Arc<CircuitBreaker> {
        let breaker = Arc::new(CircuitBreaker::new(ThrottlingBucket::IntuneWrites));
        breaker.open(clock, &throttled(retry_after), false);
        breaker
    }

    fn poll<F: Future>(future: std::pin::Pin<&mut F>) -> Option<F::Output> {
        match future.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(output) => Some(output),
            Poll::Pending => None,
        }
    }

    /// Waits for a permit for up to an hour.
    macro_rules! acquire {
        ($breaker:ident, $clock:ident) => {
            pin!(async {
                $breaker
                    .acquire(&$clock, &RetryBudget::none(), $clock.start + Duration::from_hours(1))
                    .await
                    .ok()
                    .unwrap()
            })
        };
    }

    #[tokio::test]
    async fn after_a_pause_one_probe_goes_at_a_time_until_one_succeeds() {
        let clock = ManualClock::new();
        let breaker = open_breaker(&clock, Some("10"));
        let (mut first, mut second) = (acquire!(breaker, clock), acquire!(breaker, clock));
        assert!(poll(first.as_mut()).is_none() && poll(second.as_mut()).is_none(), "both wait");
        clock.advance(11);
        let probe = poll(first.as_mut()).expect("the first request is the probe");
        assert!(poll(second.as_mut()).is_none(), "the second request waits for the probe");

        probe.record_throttling(&clock, &throttled(None));
        assert!(poll(second.as_mut()).is_none(), "a throttled probe starts another pause");
        clock.advance(3);
        assert!(poll(second.as_mut()).is_none(), "the second pause takes up to 4 seconds");
        clock.advance(1);
        let probe = poll(second.as_mut()).expect("the second request is the next probe");
        let mut third = acquire!(breaker, clock);
        assert!(poll(third.as_mut()).is_none());
        probe.record_response();
        assert!(poll(third.as_mut()).is_some_and(|permit| permit.has_waited()), "the breaker has closed");
        assert!(poll(acquire!(breaker, clock)).is_some_and(|permit| !permit.has_waited()));
    }

    #[tokio::test]
    async fn a_probe_that_ends_without_a_response_lets_the_next_request_probe() {
        let clock = ManualClock::new();
        let breaker = open_breaker(&clock, Some("10"));
        clock.advance(11);
        let probe = poll(acquire!(breaker, clock)).expect("the request is the probe");
        let mut next = acquire!(breaker, clock);
        assert!(poll(next.as_mut()).is_none());
        drop(probe);
        assert!(poll(next.as_mut()).is_some());
    }

    #[tokio::test]
    async fn requests_sent_before_a_pause_neither_double_nor_shorten_it() {
        let clock = ManualClock::new();
        let breaker = open_breaker(&clock, None);
        for _ in 0..9 {
            breaker.open(&clock, &throttled(None), false);
        }
        clock.advance(2);
        assert!(poll(acquire!(breaker, clock)).is_some(), "the first pause takes at most two seconds");

        let breaker = open_breaker(&clock, Some("30"));
        breaker.open(&clock, &throttled(Some("5")), false);
        clock.advance(20);
        assert!(poll(acquire!(breaker, clock)).is_none(), "the longer Retry-After applies");
    }

    #[tokio::test]
    async fn throttling_after_a_pause_without_a_probe_starts_longer_pauses() {
        let clock = ManualClock::new();
        let breaker = open_breaker(&clock, None);
        let mut pauses = Vec::new();
        for _ in 0..3 {
            clock.advance(8);
            let until = breaker.open(&clock, &throttled(None), false);
            pauses.push(until.saturating_duration_since(clock.now()).as_secs());
        }
        assert_eq!(pauses, [4, 8, 16]);
    }

    #[tokio::test]
    async fn a_response_that_throttles_several_reads_counts_once() {
        let clock = ManualClock::new();
        let breaker = Arc::new(CircuitBreaker::new(ThrottlingBucket::IntuneReads));
        let error = throttled(None);
        let until = breaker.open(&clock, &error, false);
        clock.advance(3);
        assert_eq!(breaker.open(&clock, &error, false), until);
        assert!(poll(acquire!(breaker, clock)).is_some());
    }

    #[tokio::test]
    async fn a_response_to_an_earlier_request_does_not_close_the_breaker() {
        let clock = ManualClock::new();
        let breaker = Arc::new(CircuitBreaker::new(ThrottlingBucket::IntuneReads));
        let earlier = poll(acquire!(breaker, clock)).expect("the breaker is closed");
        breaker.open(&clock, &throttled(Some("10")), false);
        earlier.record_response();
        assert!(poll(acquire!(breaker, clock)).is_none());
    }
}
