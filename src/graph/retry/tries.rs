//! The tries of one request: when the next one may go, and whether there is sense in one. Sends nothing.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::graph::call::{End, Tried};
use crate::graph::client::Interruptions;
use crate::graph::error::{BodyProblem, Error, Finding};

use super::clock::later;
use super::gate::{Gate, Turn};
use super::kind::Kind;
use super::patience::Patience;
use super::{Pace, schedule};

/// How often a read is tried once another read of its kind has spent its whole time on failures.
const TRIES_WHILE_FAILING: u32 = 2;

/// How long a service that cannot be connected to is given. A wrong address does not become right by waiting, and
/// nobody wants to wait out a time-out of minutes for it.
const PATIENCE_FOR_CONNECTIONS: Duration = Duration::from_secs(30);

/// The tries of one request: either each as a whole ([`attempt`](Self::attempt)), or asking for a
/// [`turn`](Self::turn), sending, and telling what came of it.
pub struct Tries {
    pace: Arc<Pace>,
    kind: Kind,
    patience: Patience,
    started: Instant,
    end: Instant,
    times: u32,
    interruptions: Interruptions,
    /// Failures in a row that were no request to wait.
    failures: u32,
    failing_since: Option<Instant>,
    /// No try before this, whatever the others of the kind do.
    not_before: Option<Instant>,
    last: Option<Error>,
}

/// What an error means for another try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trouble {
    /// Graph asks to wait: 429 and 503.
    Throttled,
    /// The service, a gateway or the connection failed: it may be over in a moment.
    Failed,
    /// No connection came about.
    Unreachable,
    /// The next try would end as this one did.
    Lasting,
}

impl Tries {
    pub(super) fn new(pace: Arc<Pace>, patience: Patience, interruptions: Interruptions, kind: Kind) -> Self {
        let started = pace.clock.now();
        let end = patience.end(started);
        Self {
            pace,
            kind,
            patience,
            started,
            end,
            times: 0,
            interruptions,
            failures: 0,
            failing_since: None,
            not_before: None,
            last: None,
        }
    }

    /// One try. Without a result there is sense in another one.
    ///
    /// # Errors
    /// There is none, or no time for it.
    pub async fn attempt<T>(
        &mut self,
        sending: impl Future<Output = Result<T, Error>>,
    ) -> Result<Option<T>, Error> {
        let turn = self.turn().await?;
        match self.in_time(sending).await? {
            Ok(result) => {
                self.succeeded(turn);
                Ok(Some(result))
            }
            Err(error) if self.failed(turn, &error) => Ok(None),
            Err(error) => Err(self.told(error)),
        }
    }

    /// Waits until the next try may be sent: out our own pause, and that of the kind.
    ///
    /// # Errors
    /// No time is left for the wait, or the caller does not want to wait any more. The error is that of the last try;
    /// if there was none, the one for which all requests of the kind have to wait, and `times` in it is zero.
    pub async fn turn(&mut self) -> Result<Turn, Error> {
        if let (Some(moment), Some(last)) = (self.not_before.take(), self.last.clone())
            && let Err(end) = self.sleep_until(moment).await
        {
            return Err(self.tell(last, Some(end)));
        }
        match self.gate(self.kind).enter(&*self.pace.clock, &self.patience, self.end).await {
            Ok(turn) => {
                if turn.waited() {
                    self.interruptions.note();
                }
                self.times += 1;
                Ok(turn)
            }
            Err((end, cause)) => {
                let error = self.last.clone().unwrap_or(cause);
                Err(self.tell(error, Some(end)))
            }
        }
    }

    /// How often a try has begun.
    pub fn times(&self) -> u32 {
        self.times
    }

    /// Gives a repetition the time that is left; the first try is the caller's to bound. Only for what may be cut
    /// short: reads.
    ///
    /// # Errors
    /// The time is over. The error is that of the try before.
    pub async fn in_time<T>(&self, work: impl Future<Output = T>) -> Result<T, Error> {
        let Some(last) = &self.last else { return Ok(work.await) };
        let remaining = self.end.saturating_duration_since(self.pace.clock.now());
        let done = tokio::time::timeout(remaining, work).await;
        done.map_err(|_| self.tell(last.clone(), Some(End::OutOfTime)))
    }

    /// The try has succeeded.
    pub fn succeeded(&mut self, turn: Turn) {
        self.failing_since = None;
        self.gate(self.kind).note_served();
        turn.answered();
    }

    /// Notes a failure. Whether there is sense in another try; asking for its turn then waits.
    pub fn failed(&mut self, turn: Turn, error: &Error) -> bool {
        self.last = Some(error.clone());
        self.interruptions.note();
        match Trouble::of(error) {
            Trouble::Throttled => {
                self.failing_since = None;
                turn.throttled(&*self.pace.clock, error);
                true
            }
            Trouble::Failed => self.pause(Duration::MAX),
            Trouble::Unreachable => self.pause(PATIENCE_FOR_CONNECTIONS),
            Trouble::Lasting => {
                self.failing_since = None;
                // Without a status nothing may have been sent, and the gate has learnt nothing.
                if error.status().is_some() {
                    turn.answered();
                }
                false
            }
        }
    }

    /// The error with what was tried before it.
    pub fn told(&self, error: Error) -> Error {
        self.tell(error, None)
    }

    /// Begins the pause after a failure that may pass. False if the failures have lasted for `longest`, or for as
    /// long as the caller repeats failures, or if the service already fails every request of this kind.
    fn pause(&mut self, longest: Duration) -> bool {
        let clock = &*self.pace.clock;
        let now = clock.now();
        let since = *self.failing_since.get_or_insert(now);
        let pause = schedule::failed(self.failures, clock.chance());
        let moment = later(now, pause);
        let is_over = moment >= later(since, self.patience.failures(longest)) || moment >= self.end;
        let gate = self.gate(self.kind);
        let gives_up_early = gate.fails_everything() && self.times >= TRIES_WHILE_FAILING;
        if is_over {
            gate.note_failing();
        }
        self.failures += 1;
        self.not_before = Some(moment);
        tracing::debug!(
            kind = self.kind.as_str(),
            status = self.last.as_ref().and_then(Error::status),
            pause_ms = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX),
            tries = self.times,
            "a failure that may pass; trying again after a pause",
        );
        // Without time left, asking for the next turn says so.
        moment >= self.end || !(is_over || gives_up_early)
    }

    async fn sleep_until(&self, moment: Instant) -> Result<(), End> {
        if moment >= self.end {
            return Err(End::OutOfTime);
        }
        tokio::select! {
            biased;
            () = self.patience.cancelled() => Err(End::Cancelled),
            () = self.pace.clock.sleep_until(moment) => Ok(()),
        }
    }

    fn tell(&self, mut error: Error, end: Option<End>) -> Error {
        let over = self.pace.clock.now().saturating_duration_since(self.started);
        if let Some(call) = error.call_mut() {
            call.tried = Tried { times: self.times, over, end };
        }
        error
    }

    fn gate(&self, kind: Kind) -> Arc<Gate> {
        self.pace.gate(kind)
    }
}

/// An attempt that hangs until its time is over is given up by its caller, who drops it.
impl Drop for Tries {
    fn drop(&mut self) {
        if self.failing_since.is_some() && self.pace.clock.now() >= self.end {
            self.gate(self.kind).note_failing();
        }
    }
}

impl Trouble {
    fn of(error: &Error) -> Self {
        match (error, error.status()) {
            (_, Some(429 | 503)) => Self::Throttled,
            (_, Some(409 | 423 | 500 | 502 | 504)) => Self::Failed,
            (Error::NotReached { .. }, _) => Self::Unreachable,
            (Error::Unreadable { cause, .. }, _) if is_too_large(&**cause) => Self::Lasting,
            (Error::Unreadable { .. } | Error::OutcomeUnknown { .. }, _) => Self::Failed,
            (Error::Undocumented { finding: Finding::ItemMissing | Finding::ItemRepeated, .. }, _) => {
                Self::Failed
            }
            _ => Self::Lasting,
        }
    }
}

/// A body that was too large stays so; all else that makes a body unreadable happens on the way.
fn is_too_large(cause: &(dyn std::error::Error + Send + Sync + 'static)) -> bool {
    matches!(cause.downcast_ref::<BodyProblem>(), Some(BodyProblem::TooLarge { .. }))
}
