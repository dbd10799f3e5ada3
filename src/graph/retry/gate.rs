//! The pause that all requests of one kind share once Graph has asked one of them to wait, and the single probe after
//! it. Sends nothing and judges no answer.
//!
//! ```text
//! open ── asked to wait ──> paused ── pause over ──> probing ── probe answered ──> open
//!                              ^──── probe asked to wait ────┘
//! ```

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio::time::Instant;

use crate::graph::call::End;
use crate::graph::error::Error;

use super::clock::{Clock, later};
use super::kind::Kind;
use super::patience::Patience;
use super::schedule;

/// Where requests of one kind pass before they are sent.
pub(super) struct Gate {
    kind: Kind,
    pause: Mutex<Option<Pause>>,
    /// A read of this kind has spent its whole time on failures, and none has succeeded since.
    failing: AtomicBool,
    /// The gate has opened, or its probe has ended.
    changed: Notify,
}

/// Leave to send one request. Dropping it without a word about the answer gives the place of the probe back.
pub struct Turn {
    gate: Arc<Gate>,
    probe: bool,
    waited: bool,
}

struct Pause {
    until: Instant,
    /// How often Graph has refused in a row.
    round: u32,
    probing: bool,
    /// What Graph said, for those who give up without having sent anything.
    cause: Error,
}

impl Pause {
    fn is_for_answer_of(&self, error: &Error) -> bool {
        let id = |error: &Error| error.call().map(|call| call.client_request_id.clone());
        id(&self.cause) == id(error)
    }
}

enum Step {
    Go { probe: bool },
    Sleep(Instant),
    WaitForProbe,
}

impl Gate {
    pub(super) fn new(kind: Kind) -> Self {
        Self { kind, pause: Mutex::default(), failing: AtomicBool::new(false), changed: Notify::new() }
    }

    /// A request has spent its whole time on failures. Writes decide for themselves how often they are repeated.
    pub(super) fn note_failing(&self) {
        self.failing.store(self.kind != Kind::IntuneWrite, Ordering::Relaxed);
    }

    /// A request has succeeded.
    pub(super) fn note_served(&self) {
        self.failing.store(false, Ordering::Relaxed);
    }

    /// Whether requests of this kind fail for so long that more of them are not worth much time.
    pub(super) fn fails_everything(&self) -> bool {
        self.failing.load(Ordering::Relaxed)
    }

    /// Waits for leave to send.
    ///
    /// # Errors
    /// The pause is longer than the caller's patience, or the caller does not want to wait any more. The error is the
    /// one that began the pause.
    pub(super) async fn enter(
        self: &Arc<Self>,
        clock: &dyn Clock,
        patience: &Patience,
        end: Instant,
    ) -> Result<Turn, (End, Error)> {
        let mut waited = false;
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            // Listens from here on, so that a change between the look and the wait is not missed.
            changed.as_mut().enable();
            let wait = match self.step(clock.now()) {
                Step::Go { probe } => return Ok(Turn { gate: Arc::clone(self), probe, waited }),
                Step::Sleep(moment) if moment >= end => Err(End::OutOfTime),
                Step::Sleep(moment) => tokio::select! {
                    biased;
                    () = patience.cancelled() => Err(End::Cancelled),
                    () = clock.sleep_until(moment) => Ok(()),
                },
                Step::WaitForProbe => tokio::select! {
                    biased;
                    () = patience.cancelled() => Err(End::Cancelled),
                    () = changed => Ok(()),
                    () = tokio::time::sleep(end.saturating_duration_since(clock.now())) => Err(End::OutOfTime),
                },
            };
            match (wait, self.cause()) {
                (Err(why), Some(cause)) => return Err((why, cause)),
                // Open by now: the caller goes after all.
                _ => waited = true,
            }
        }
    }

    /// Graph has asked a request of this kind to wait. Gives the end of the pause.
    pub(super) fn close(&self, clock: &dyn Clock, error: &Error, by_probe: bool) -> Instant {
        let now = clock.now();
        let mut pause = self.lock();
        // A request from before the pause may be refused after it, when no probe has gone yet. One answer may refuse
        // several reads, though, and they hear of it one after the other.
        let is_other = |pause: &Pause| by_probe || (pause.until <= now && !pause.is_for_answer_of(error));
        let again = pause.as_ref().is_some_and(is_other);
        let round = pause.as_ref().map_or(0, |pause| pause.round.saturating_add(u32::from(again)));
        let asked = error.call().map(|call| {
            let is_news = pause.is_none() || again || schedule::retry_after(call, clock.date()).is_some();
            (is_news, schedule::throttled(call, clock.date(), round, clock.chance()))
        });
        let before = pause.as_ref().map_or(now, |pause| pause.until);
        // Requests that were under way when the pause began repeat what it is for.
        let until = match asked {
            Some((true, length)) => later(now, length).max(before),
            _ => before,
        };
        let probing = !by_probe && pause.as_ref().is_some_and(|pause| pause.probing);
        if pause.is_none() || again {
            self.log(error, until.saturating_duration_since(now).as_millis(), round);
        }
        *pause = Some(Pause { until, round, probing, cause: error.clone() });
        until
    }

    fn step(&self, now: Instant) -> Step {
        match &mut *self.lock() {
            None => Step::Go { probe: false },
            Some(pause) if now < pause.until => Step::Sleep(pause.until),
            Some(pause) if pause.probing => Step::WaitForProbe,
            Some(pause) => {
                pause.probing = true;
                Step::Go { probe: true }
            }
        }
    }

    fn cause(&self) -> Option<Error> {
        self.lock().as_ref().map(|pause| pause.cause.clone())
    }

    fn lock(&self) -> MutexGuard<'_, Option<Pause>> {
        self.pause.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn log(&self, error: &Error, pause_ms: u128, round: u32) {
        tracing::info!(
            kind = self.kind.as_str(),
            status = error.status(),
            retry_after = error.call().and_then(|call| call.retry_after.as_deref()),
            pause_ms = u64::try_from(pause_ms).unwrap_or(u64::MAX),
            refusals_before = round,
            "Microsoft Graph asks to wait; all requests of this kind pause",
        );
    }
}

impl Turn {
    /// Whether sending had to wait for others, so that what was read before may have changed.
    pub fn waited(&self) -> bool {
        self.waited
    }

    /// Graph has answered and not asked to wait.
    pub(super) fn answered(mut self) {
        if self.probe {
            self.probe = false;
            *self.gate.lock() = None;
            self.gate.changed.notify_waiters();
        }
    }

    /// Graph has asked to wait.
    pub(super) fn throttled(mut self, clock: &dyn Clock, error: &Error) {
        let by_probe = std::mem::take(&mut self.probe);
        self.gate.close(clock, error, by_probe);
        self.gate.changed.notify_waiters();
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if self.probe {
            if let Some(pause) = &mut *self.gate.lock() {
                pause.probing = false;
            }
            self.gate.changed.notify_waiters();
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

    use crate::graph::call::Call;
    use crate::graph::error_object::ErrorObject;
    use crate::graph::request::{Request, Version};

    /// Moved by hand; whoever sleeps wakes when somebody asks again.
    struct HandClock {
        start: Instant,
        passed: Mutex<Duration>,
    }

    impl HandClock {
        fn new() -> Self {
            Self { start: Instant::now(), passed: Mutex::default() }
        }

        fn pass(&self, seconds: u64) {
            *self.passed.lock().unwrap() += Duration::from_secs(seconds);
        }
    }

    #[async_trait]
    impl Clock for HandClock {
        fn now(&self) -> Instant {
            self.start + *self.passed.lock().unwrap()
        }

        fn date(&self) -> OffsetDateTime {
            OffsetDateTime::UNIX_EPOCH
        }

        async fn sleep_until(&self, moment: Instant) {
            std::future::poll_fn(|_| if self.now() >= moment { Poll::Ready(()) } else { Poll::Pending })
                .await;
        }

        fn chance(&self) -> f64 {
            1.0
        }
    }

    fn refusal(retry_after: Option<&str>) -> Error {
        let mut call = Call::new(&Request::get(Version::Beta, &["x"]), Uuid::new_v4().to_string());
        call.note(429, |name| retry_after.filter(|_| name == "retry-after").map(str::to_owned));
        Error::Answered { call: Box::new(call), object: Box::new(ErrorObject::default()) }
    }

    fn closed(clock: &HandClock, retry_after: Option<&str>) -> Arc<Gate> {
        let gate = Arc::new(Gate::new(Kind::IntuneWrite));
        gate.close(clock, &refusal(retry_after), false);
        gate
    }

    fn poll<F: Future>(future: std::pin::Pin<&mut F>) -> Option<F::Output> {
        match future.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(output) => Some(output),
            Poll::Pending => None,
        }
    }

    /// Waiters of one gate with patience without end.
    macro_rules! enter {
        ($gate:ident, $clock:ident) => {
            pin!(async {
                $gate
                    .enter(&$clock, &Patience::none(), $clock.start + Duration::from_hours(1))
                    .await
                    .ok()
                    .unwrap()
            })
        };
    }

    #[tokio::test]
    async fn after_a_pause_one_goes_at_a_time_until_one_succeeds() {
        let clock = HandClock::new();
        let gate = closed(&clock, Some("10"));
        let (mut first, mut second) = (enter!(gate, clock), enter!(gate, clock));
        assert!(poll(first.as_mut()).is_none() && poll(second.as_mut()).is_none(), "both pause");
        clock.pass(11);
        let probe = poll(first.as_mut()).expect("one goes");
        assert!(poll(second.as_mut()).is_none(), "the other waits for it");

        probe.throttled(&clock, &refusal(None));
        assert!(poll(second.as_mut()).is_none(), "another pause");
        clock.pass(3);
        assert!(poll(second.as_mut()).is_none(), "the bound of the second pause in a row is 4 seconds");
        clock.pass(1);
        let probe = poll(second.as_mut()).expect("the other goes");
        let mut third = enter!(gate, clock);
        assert!(poll(third.as_mut()).is_none());
        probe.answered();
        assert!(poll(third.as_mut()).is_some_and(|turn| turn.waited()), "open for everybody");
        assert!(poll(enter!(gate, clock)).is_some_and(|turn| !turn.waited()));
    }

    #[tokio::test]
    async fn a_probe_that_ends_without_an_answer_gives_its_place_to_the_next() {
        let clock = HandClock::new();
        let gate = closed(&clock, Some("10"));
        clock.pass(11);
        let probe = poll(enter!(gate, clock)).expect("one goes");
        let mut next = enter!(gate, clock);
        assert!(poll(next.as_mut()).is_none());
        drop(probe);
        assert!(poll(next.as_mut()).is_some());
    }

    #[tokio::test]
    async fn requests_under_way_when_the_pause_begins_neither_double_nor_shorten_it() {
        let clock = HandClock::new();
        let gate = closed(&clock, None);
        for _ in 0..9 {
            gate.close(&clock, &refusal(None), false);
        }
        clock.pass(2);
        assert!(poll(enter!(gate, clock)).is_some(), "the first pause is two seconds at most");

        let gate = closed(&clock, Some("30"));
        gate.close(&clock, &refusal(Some("5")), false);
        clock.pass(20);
        assert!(poll(enter!(gate, clock)).is_none(), "the longer of two answers counts");
    }

    #[tokio::test]
    async fn refusals_after_the_pause_without_a_probe_begin_ever_longer_ones() {
        let clock = HandClock::new();
        let gate = closed(&clock, None);
        let mut pauses = Vec::new();
        for _ in 0..3 {
            clock.pass(8);
            let until = gate.close(&clock, &refusal(None), false);
            pauses.push(until.saturating_duration_since(clock.now()).as_secs());
        }
        assert_eq!(pauses, [4, 8, 16]);
    }

    #[tokio::test]
    async fn an_answer_that_refuses_several_reads_counts_once() {
        let clock = HandClock::new();
        let gate = Arc::new(Gate::new(Kind::IntuneRead));
        let refusal = refusal(None);
        let until = gate.close(&clock, &refusal, false);
        clock.pass(3);
        assert_eq!(gate.close(&clock, &refusal, false), until);
        assert!(poll(enter!(gate, clock)).is_some());
    }

    #[tokio::test]
    async fn an_answer_to_a_request_of_before_does_not_open_the_gate() {
        let clock = HandClock::new();
        let gate = Arc::new(Gate::new(Kind::IntuneRead));
        let before = poll(enter!(gate, clock)).expect("it is open");
        gate.close(&clock, &refusal(Some("10")), false);
        before.answered();
        assert!(poll(enter!(gate, clock)).is_none());
    }
}
