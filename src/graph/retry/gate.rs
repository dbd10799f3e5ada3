//! The pause that all requests of one kind share once Graph has asked one of them to wait, and the single probe after
//! it. Sends nothing and judges no answer.
//!
//! ```text
//! open ── asked to wait ──> paused ── pause over ──> probing ── probe answered ──> open
//!                              ^──── probe asked to wait ────┘
//! ```

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

enum Step {
    Go { probe: bool },
    Sleep(Instant),
    WaitForProbe,
}

impl Gate {
    pub(super) fn new(kind: Kind) -> Self {
        Self { kind, pause: Mutex::default(), changed: Notify::new() }
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
        let round = pause.as_ref().map_or(0, |pause| pause.round + u32::from(by_probe));
        let asked = error.call().map(|call| {
            let is_news = pause.is_none() || by_probe || schedule::retry_after(call, clock.date()).is_some();
            (is_news, schedule::throttled(call, clock.date(), round, clock.chance()))
        });
        let before = pause.as_ref().map_or(now, |pause| pause.until);
        // Requests that were under way when the pause began repeat what it is for.
        let until = match asked {
            Some((true, length)) => later(now, length).max(before),
            _ => before,
        };
        let probing = !by_probe && pause.as_ref().is_some_and(|pause| pause.probing);
        if pause.is_none() || by_probe {
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
