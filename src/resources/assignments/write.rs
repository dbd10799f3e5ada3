//! Sends a write if the guard allows it, and waits until the service shows its effect. Every create, update, delete and
//! retry goes through this file, and no other code calls `assign`.
//!
//! ```text
//! permit ──> live read ──> guard ──> assign ──> compare with what was sent
//!               ^            |          |
//!               └── again after any pause, retry or refused token, or if the read is older than a second
//! ```

use std::collections::BTreeSet;
use std::time::Duration;

use crate::graph;
use crate::graph::retry::{RetryLoop, ThrottlingBucket};
use crate::graph::types::AssignmentTarget;
use crate::resources::deadline::{Deadline, WaitError};
use crate::resources::timeouts::Operation;
use crate::terraform::stop::StopSignal;
use crate::transport::{Backoff, BackoffDelays};

use super::from_graph::AssignmentRows;
use super::guard::{self, MayReplace, Verdict};
use super::live_read::LiveRead;
use super::model::Assignment;
use super::planned_write::PlannedWrite;
use super::policy::NEW_OBJECT_TIMEOUT;
use super::refusal;
use super::to_graph;
use super::write_failure::WriteFailure;

/// How long the provider waits until reads show a write.
pub(super) const STALE_READ_TIMEOUT: Duration = Duration::from_secs(30);

/// The result of a write.
pub(super) struct Written {
    /// The assignments of the policy after the write.
    pub(super) rows: AssignmentRows,
    /// The assignments that the write removed.
    pub(super) removed: BTreeSet<Assignment>,
}

/// The state of one write across its attempts.
struct Attempts<'a> {
    retry_loop: RetryLoop,
    deadline: Deadline<'a>,
    /// The deadline and the delays of the wait for a policy that was just created and is not visible yet.
    visibility: (Deadline<'a>, BackoffDelays),
    /// The live assignments that the guard has last accepted.
    accepted: Option<AssignmentRows>,
    /// Whether a failed attempt may have taken effect.
    may_have_been_written: bool,
    token_was_replaced: bool,
    last_error: Option<graph::Error>,
}

/// What follows a failed attempt.
enum NextStep {
    Retry,
    GiveUp(graph::Error),
}

impl<'a> PlannedWrite<'a> {
    /// Replaces the policy's direct assignments with `planned`. Sends nothing if the policy already has them. `first`
    /// is the caller's live read. The first attempt uses it if it is still fresh and no pause, retry or refused token
    /// came after it.
    pub(super) async fn run(
        self,
        first: LiveRead,
        deadline: Deadline<'a>,
        stop: &mut StopSignal,
    ) -> Result<Written, WriteFailure> {
        let targets = to_graph::targets(self.planned).ok_or_else(|| self.unsupported_target())?;
        if stop.is_stopping() {
            return Err(self.interrupted());
        }
        let mut attempts =
            Attempts::new(self.policy.client.retry_loop(ThrottlingBucket::IntuneWrites), deadline);
        let sent = self.attempt_until_done(&targets, first, &mut attempts, stop).await;
        let before = attempts.accepted;
        let sent = sent.map_err(|failure| failure.with_rows_if_unwritten(before.as_ref()));
        let visible = match sent {
            Ok(rows) => self.wait_until_visible(rows, deadline, stop).await,
            Err(failure) => Err(failure),
        };
        let after = visible.map_err(|failure| failure.with_removed(before.as_ref(), &self.planned_set()))?;
        let removed = before.as_ref().map(|before| guard::assignments_not_in(before, &after.canonical()));
        Ok(Written { removed: removed.unwrap_or_default(), rows: add_inherited(after, before.as_ref()) })
    }

    /// Reads and sends until the write succeeds or fails permanently. A request in flight is never cancelled, because
    /// it could take effect after another writer has acquired the lock. The client limits the duration of a request.
    async fn attempt_until_done(
        self,
        targets: &[AssignmentTarget],
        first: LiveRead,
        attempts: &mut Attempts<'a>,
        stop: &mut StopSignal,
    ) -> Result<AssignmentRows, WriteFailure> {
        let mut candidate = Some(first);
        loop {
            let permit = match attempts.retry_loop.acquire_permit().await {
                Ok(permit) => permit,
                Err(error) => {
                    return self.resolve_failure(&error, attempts.may_have_been_written, stop).await;
                }
            };
            let live_read = match self.ensure_live_read(candidate.take(), attempts.deadline, stop).await {
                Some(Ok(live_read)) => live_read,
                Some(Err(error)) if self.is_not_visible_yet(&error) => {
                    drop(permit);
                    attempts.wait_for_visibility(self, &error, stop).await?;
                    continue;
                }
                Some(Err(error)) => return self.resolve_failed_read(attempts, &error, stop).await,
                None => return self.resolve_timeout(attempts, stop).await,
            };
            if let Some(rows) = self.apply_guard(&live_read, attempts).await? {
                return Ok(rows);
            }
            let assigned = self.policy.calls().assign(&live_read.token, self.policy.id, targets).await;
            self.policy.session.record_write();
            match assigned {
                Ok(rows) => {
                    attempts.retry_loop.record_success(permit);
                    return Ok(AssignmentRows::new(rows));
                }
                Err(error) => {
                    attempts.may_have_been_written |= error.may_have_taken_effect();
                    match self.handle_failure(error, permit, &live_read, attempts, stop).await? {
                        NextStep::Retry => {}
                        NextStep::GiveUp(error) => {
                            return self.resolve_failure(&error, attempts.may_have_been_written, stop).await;
                        }
                    }
                }
            }
        }
    }

    /// Returns a live read that is at most a second old, with no pause, retry or refused token since then: the candidate,
    /// or a new read. `None` after the deadline.
    ///
    /// If a read takes more than a second, this function repeats the read once and accepts the second result, because a
    /// slow service would not answer faster.
    async fn ensure_live_read(
        self,
        candidate: Option<LiveRead>,
        deadline: Deadline<'_>,
        stop: &mut StopSignal,
    ) -> Option<Result<LiveRead, graph::Error>> {
        let client = self.policy.client;
        if let Some(live_read) = candidate
            && live_read.is_uninterrupted(client)
            && live_read.is_fresh(client)
            && self.shows_own_write(&live_read)
        {
            return Some(Ok(live_read));
        }
        let mut was_slow = false;
        loop {
            let live_read = match deadline.within(self.read_after_own_write(deadline, stop)).await? {
                Ok(live_read) => live_read,
                Err(error) => return Some(Err(error)),
            };
            if live_read.is_uninterrupted(client) {
                if was_slow || live_read.is_fresh(client) {
                    return Some(Ok(live_read));
                }
                was_slow = true;
            } else if deadline.has_passed() {
                return None;
            }
        }
    }

    /// Reads until the service shows the last write of this session. If the time limit passes first, the policy was
    /// changed elsewhere, and the guard decides whether the write may continue.
    async fn read_after_own_write(
        self,
        deadline: Deadline<'_>,
        stop: &mut StopSignal,
    ) -> Result<LiveRead, graph::Error> {
        let deadline = deadline.at_most(STALE_READ_TIMEOUT);
        let mut backoff = stale_reads_backoff();
        loop {
            let live_read = self.policy.read_live_unbatched().await?;
            if self.shows_own_write(&live_read) || deadline.wait(backoff.next_delay(), stop).await.is_err() {
                return Ok(live_read);
            }
        }
    }

    /// Whether the live read shows the last write of this session, or the session has not written the policy.
    fn shows_own_write(self, live_read: &LiveRead) -> bool {
        let last_written_set = self.policy.records().policies.last_written_set(self.policy.id);
        last_written_set.is_none_or(|last_written_set| live_read.rows.canonical_strings() == last_written_set)
    }

    /// Checks whether the write may replace the live assignments. Returns the live assignments if there is nothing to
    /// write, and `None` if the write may be sent.
    async fn apply_guard(
        self,
        live_read: &LiveRead,
        attempts: &mut Attempts<'_>,
    ) -> Result<Option<AssignmentRows>, WriteFailure> {
        let live = &live_read.rows;
        let verdict = match &attempts.accepted {
            Some(accepted)
                if attempts.may_have_been_written || self.may_replace == MayReplace::Everything =>
            {
                self.compare_with_accepted(live, accepted, attempts.may_have_been_written)
            }
            _ => self.may_replace.judge(self.planned, live),
        };
        match verdict {
            Ok(Verdict::NothingToWrite) => Ok(Some(live.clone())),
            Ok(Verdict::Write) => {
                attempts.accepted = Some(live.clone());
                Ok(None)
            }
            Err(refusal) => {
                let diagnostics = refusal::report(refusal, self.policy).await;
                Err(WriteFailure::refused(diagnostics, live, attempts.may_have_been_written))
            }
        }
    }

    /// The guard of a retry after an attempt that may have taken effect, and of any retry with `overwrite_existing`. The
    /// policy must still have the set that the guard accepted. Exception: it may have the planned set. If an earlier attempt
    /// may have written that set, nothing is left to write; otherwise the usual guard decides.
    fn compare_with_accepted(
        self,
        live: &AssignmentRows,
        accepted: &AssignmentRows,
        may_have_been_written: bool,
    ) -> Result<Verdict, guard::Refusal> {
        if live.canonical() == self.planned_set() {
            return if may_have_been_written {
                Ok(Verdict::NothingToWrite)
            } else {
                self.may_replace.judge(self.planned, live)
            };
        }
        if live.canonical() == accepted.canonical() {
            return Ok(Verdict::Write);
        }
        Err(guard::changed_since_plan(&accepted.assignments(&[]), self.planned, live, may_have_been_written))
    }

    /// Decides what follows a failed attempt.
    async fn handle_failure(
        self,
        error: graph::Error,
        permit: graph::retry::Permit,
        live_read: &LiveRead,
        attempts: &mut Attempts<'_>,
        stop: &mut StopSignal,
    ) -> Result<NextStep, WriteFailure> {
        if error.is_unauthorized() && !attempts.token_was_replaced {
            attempts.token_was_replaced = true;
            // The loop reads again before it sends, because a sign-in takes time.
            return match self.policy.client.replace_token(&live_read.token).await {
                Ok(Some(_)) => Ok(NextStep::Retry),
                Ok(None) => Ok(NextStep::GiveUp(attempts.retry_loop.with_summary(error))),
                Err(error) => Ok(NextStep::GiveUp(error)),
            };
        }
        if self.is_not_visible_yet(&error) {
            drop(permit);
            attempts.wait_for_visibility(self, &error, stop).await?;
            return Ok(NextStep::Retry);
        }
        if !attempts.retry_loop.record_failure(permit, &error) {
            return Ok(NextStep::GiveUp(attempts.retry_loop.with_summary(error)));
        }
        attempts.last_error = Some(attempts.retry_loop.with_summary(error));
        Ok(NextStep::Retry)
    }

    /// Whether the policy may have been created so recently that the service does not show it yet.
    fn is_not_visible_yet(self, error: &graph::Error) -> bool {
        self.operation == Operation::Create && error.is_resource_not_found()
    }

    /// Ends the write after the live read for an attempt has failed.
    async fn resolve_failed_read(
        self,
        attempts: &Attempts<'_>,
        read_error: &graph::Error,
        stop: &mut StopSignal,
    ) -> Result<AssignmentRows, WriteFailure> {
        match &attempts.last_error {
            Some(error) => self.resolve_failure(error, attempts.may_have_been_written, stop).await,
            None => Err(self.read_failure(read_error).await),
        }
    }

    /// Ends the write because no time is left for another live read.
    async fn resolve_timeout(
        self,
        attempts: &Attempts<'_>,
        stop: &mut StopSignal,
    ) -> Result<AssignmentRows, WriteFailure> {
        match &attempts.last_error {
            Some(error) => self.resolve_failure(error, attempts.may_have_been_written, stop).await,
            None => Err(self.timed_out(attempts.deadline)),
        }
    }

    /// Waits until the service shows the planned assignments. `rows` are the last known assignments: the
    /// response of `assign`, or a read.
    async fn wait_until_visible(
        self,
        mut rows: AssignmentRows,
        deadline: Deadline<'_>,
        stop: &mut StopSignal,
    ) -> Result<AssignmentRows, WriteFailure> {
        let deadline = deadline.at_most(STALE_READ_TIMEOUT);
        let mut backoff = stale_reads_backoff();
        while rows.canonical() != self.planned_set() {
            if let Err(error) = deadline.wait_at_most(backoff.next_delay(), stop).await {
                return Err(self.not_shown_as_sent(rows, error, deadline));
            }
            // After a failed read, the previous result stays valid.
            if let Ok(newer) = self.policy.list().await {
                rows = newer;
            }
        }
        Ok(rows)
    }
}

impl<'a> Attempts<'a> {
    fn new(retry_loop: RetryLoop, deadline: Deadline<'a>) -> Self {
        let backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(15)).delays();
        Self {
            retry_loop,
            deadline,
            visibility: (deadline.at_most(NEW_OBJECT_TIMEOUT), backoff),
            accepted: None,
            may_have_been_written: false,
            token_was_replaced: false,
            last_error: None,
        }
    }

    /// Waits before the next read of a policy that is not visible yet.
    async fn wait_for_visibility(
        &mut self,
        write: PlannedWrite<'_>,
        error: &graph::Error,
        stop: &mut StopSignal,
    ) -> Result<(), WriteFailure> {
        let (deadline, backoff) = &mut self.visibility;
        match deadline.wait(backoff.next_delay(), stop).await {
            Err(WaitError::Stopped) if !self.may_have_been_written => Err(write.interrupted()),
            // If this returns `Ok`, the policy has the planned set after all. The loop then reads it once more.
            Err(_) => write.resolve_failure(error, self.may_have_been_written, stop).await.map(|_| ()),
            Ok(()) => Ok(()),
        }
    }
}

fn stale_reads_backoff() -> BackoffDelays {
    Backoff::new(Duration::from_secs(1), Duration::from_secs(8)).delays()
}

/// Adds inherited assignments from the live read before the write, because the response of `assign` may omit them.
fn add_inherited(mut rows: AssignmentRows, before: Option<&AssignmentRows>) -> AssignmentRows {
    if let Some(before) = before
        && rows.inherited.is_empty()
    {
        rows.inherited.clone_from(&before.inherited);
    }
    rows
}
