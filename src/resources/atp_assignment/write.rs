//! When a write may go out, and what has come of it. Every create, update, delete and repetition passes here, and no
//! other code calls `assign`.
//!
//! ```text
//! permit ──> last look ──> guard ──> assign ──> compare with what was sent
//!               ^            |          |
//!               └── anything that came in between: a pause, a repetition, a refused token, a second
//! ```

use std::collections::BTreeSet;
use std::time::Duration;

use crate::graph;
use crate::graph::retry::{RetryLoop, ThrottlingBucket};
use crate::graph::types::AssignmentTarget;
use crate::resources::deadline::{Cut, Deadline};
use crate::terraform::stop::StopSignal;
use crate::transport::{Backoff, BackoffDelays};

use super::from_graph::Rows;
use super::guard::{self, MayReplace, Verdict};
use super::model::{Assignment, Operation};
use super::policy::{Look, TIME_FOR_NEW_OBJECTS};
use super::refusal;
use super::to_graph;
use super::wanted_write::Write;
use super::write_failure::WriteFailure;

/// How long reads may lag behind a write.
pub(super) const TIME_FOR_STALE_READS: Duration = Duration::from_secs(30);

/// What came of a write.
pub(super) struct Written {
    /// What the policy has.
    pub(super) rows: Rows,
    /// What it had before and has no longer.
    pub(super) removed: BTreeSet<Assignment>,
}

/// The attempts of one write so far.
struct Attempts<'a> {
    retry_loop: RetryLoop,
    deadline: Deadline<'a>,
    /// For an object that may appear late.
    appears: (Deadline<'a>, BackoffDelays),
    /// The set that the guard has let pass.
    accepted: Option<Rows>,
    /// An attempt may be in force although it failed.
    may_be_written: bool,
    token_was_replaced: bool,
    last: Option<graph::Error>,
}

/// What to do after a failed attempt.
enum After {
    Again,
    GiveUp(graph::Error),
}

impl<'a> Write<'a> {
    /// Makes `wanted` the policy's direct assignments. If that is what it has, nothing is sent. `first` is a look that
    /// was made already; it counts if it is still the last thing before the write.
    pub(super) async fn run(
        self,
        first: Look,
        deadline: Deadline<'a>,
        stop: &mut StopSignal,
    ) -> Result<Written, WriteFailure> {
        let targets = to_graph::targets(self.wanted).ok_or_else(|| self.unwritable())?;
        if stop.is_stopping() {
            return Err(self.interrupted());
        }
        let mut attempts =
            Attempts::new(self.policy.client.retry_loop(ThrottlingBucket::IntuneWrites), deadline);
        let done = self.attempt_until_done(&targets, first, &mut attempts, stop).await;
        let before = attempts.accepted;
        let done = done.map_err(|failure| failure.or_as_it_was(before.as_ref()));
        let settled = match done {
            Ok(rows) => self.settle(rows, deadline, stop).await,
            Err(failure) => Err(failure),
        };
        let settled = settled.map_err(|failure| failure.with_removed(before.as_ref(), &self.wanted_set()))?;
        let removed = before.as_ref().map(|before| guard::without(before, &settled.canonical()));
        Ok(Written {
            removed: removed.unwrap_or_default(),
            rows: with_inherited_of(settled, before.as_ref()),
        })
    }

    /// Looks and sends until an answer comes. A request that is under way is never cut short: it could take effect
    /// after the lock has passed to another writer. The client's own time limits bound it.
    async fn attempt_until_done(
        self,
        targets: &[AssignmentTarget],
        first: Look,
        attempts: &mut Attempts<'a>,
        stop: &mut StopSignal,
    ) -> Result<Rows, WriteFailure> {
        let mut candidate = Some(first);
        loop {
            let permit = match attempts.retry_loop.permit().await {
                Ok(permit) => permit,
                Err(error) => return self.given_up(&error, attempts.may_be_written, stop).await,
            };
            let look = match self.last_look(candidate.take(), attempts.deadline, stop).await {
                Some(Ok(look)) => look,
                Some(Err(error)) if self.may_appear(&error) => {
                    drop(permit);
                    attempts.wait_until_it_may_appear(self, &error, stop).await?;
                    continue;
                }
                Some(Err(error)) => return self.unseen(attempts, &error, stop).await,
                None => return self.out_of_time(attempts, stop).await,
            };
            if let Some(rows) = self.judge(&look, attempts).await? {
                return Ok(rows);
            }
            match self.policy.client.assign(&look.token, self.policy.id, targets).await {
                Ok(rows) => {
                    attempts.retry_loop.record_success(permit);
                    return Ok(Rows::new(rows));
                }
                Err(error) => {
                    attempts.may_be_written |= error.may_have_taken_effect();
                    match self.after(error, permit, &look, attempts, stop).await? {
                        After::Again => {}
                        After::GiveUp(error) => {
                            return self.given_up(&error, attempts.may_be_written, stop).await;
                        }
                    }
                }
            }
        }
    }

    /// A look after which nothing has come but its own answer. `None` if the time is over.
    ///
    /// A look is repeated once for being slow: where the service takes more than a second to answer, none is quicker.
    async fn last_look(
        self,
        candidate: Option<Look>,
        deadline: Deadline<'_>,
        stop: &mut StopSignal,
    ) -> Option<Result<Look, graph::Error>> {
        let client = self.policy.client;
        if let Some(look) = candidate
            && look.is_undisturbed(client)
            && look.is_fresh(client)
            && self.shows_own_write(&look)
        {
            return Some(Ok(look));
        }
        let mut was_slow = false;
        loop {
            let look = match deadline.within(self.caught_up(deadline, stop)).await? {
                Ok(look) => look,
                Err(error) => return Some(Err(error)),
            };
            if look.is_undisturbed(client) {
                if was_slow || look.is_fresh(client) {
                    return Some(Ok(look));
                }
                was_slow = true;
            } else if deadline.is_over() {
                return None;
            }
        }
    }

    /// A look that shows what this session has written itself; reads may lag behind it. If it never does, the policy
    /// was changed elsewhere, and the guard decides.
    async fn caught_up(self, deadline: Deadline<'_>, stop: &mut StopSignal) -> Result<Look, graph::Error> {
        let deadline = deadline.at_most(TIME_FOR_STALE_READS);
        let mut backoff = stale_reads_backoff();
        loop {
            let look = self.policy.look_alone().await?;
            if self.shows_own_write(&look) || deadline.wait(backoff.next_delay(), stop).await.is_err() {
                return Ok(look);
            }
        }
    }

    fn shows_own_write(self, look: &Look) -> bool {
        let last_set = self.policy.session.policies.last_set(self.policy.id);
        last_set.is_none_or(|last_set| look.rows.printed() == last_set)
    }

    /// The rows if there is nothing to write; `None` if the write may go out.
    async fn judge(self, look: &Look, attempts: &mut Attempts<'_>) -> Result<Option<Rows>, WriteFailure> {
        let live = &look.rows;
        let verdict = match &attempts.accepted {
            Some(accepted) if attempts.may_be_written || self.may_replace == MayReplace::Everything => {
                self.compare_again(live, accepted, attempts.may_be_written)
            }
            _ => self.may_replace.judge(self.wanted, live),
        };
        match verdict {
            Ok(Verdict::NothingToWrite) => Ok(Some(live.clone())),
            Ok(Verdict::Write) => {
                attempts.accepted = Some(live.clone());
                Ok(None)
            }
            Err(refusal) => {
                let diagnostics = refusal::report(refusal, self.policy).await;
                Err(WriteFailure::refused(diagnostics, live, attempts.may_be_written))
            }
        }
    }

    /// Before a repetition: the policy has the wanted set by now, or still what the guard let pass.
    fn compare_again(
        self,
        live: &Rows,
        accepted: &Rows,
        may_be_written: bool,
    ) -> Result<Verdict, guard::Refusal> {
        if live.canonical() == self.wanted_set() {
            return if may_be_written {
                Ok(Verdict::NothingToWrite)
            } else {
                self.may_replace.judge(self.wanted, live)
            };
        }
        if live.canonical() == accepted.canonical() {
            return Ok(Verdict::Write);
        }
        Err(guard::changed_since_plan(&accepted.assignments(&[]), self.wanted, live, may_be_written))
    }

    /// What to do after an attempt that failed.
    async fn after(
        self,
        error: graph::Error,
        permit: graph::retry::Permit,
        look: &Look,
        attempts: &mut Attempts<'_>,
        stop: &mut StopSignal,
    ) -> Result<After, WriteFailure> {
        if error.is_unauthorized() && !attempts.token_was_replaced {
            attempts.token_was_replaced = true;
            // Never sent again at once: a sign-in takes time, and the look is old after it.
            return match self.policy.client.replace_token(&look.token).await {
                Ok(Some(_)) => Ok(After::Again),
                Ok(None) => Ok(After::GiveUp(attempts.retry_loop.with_summary(error))),
                Err(error) => Ok(After::GiveUp(error)),
            };
        }
        if self.may_appear(&error) {
            drop(permit);
            attempts.wait_until_it_may_appear(self, &error, stop).await?;
            return Ok(After::Again);
        }
        if !attempts.retry_loop.record_failure(permit, &error) {
            return Ok(After::GiveUp(attempts.retry_loop.with_summary(error)));
        }
        attempts.last = Some(attempts.retry_loop.with_summary(error));
        Ok(After::Again)
    }

    /// Whether the policy may have been made a moment ago.
    fn may_appear(self, error: &graph::Error) -> bool {
        self.operation == Operation::Create && error.is_resource_not_found()
    }

    /// The policy could not be read before the write or before a repetition.
    async fn unseen(
        self,
        attempts: &Attempts<'_>,
        reading: &graph::Error,
        stop: &mut StopSignal,
    ) -> Result<Rows, WriteFailure> {
        match &attempts.last {
            Some(writing) => self.given_up(writing, attempts.may_be_written, stop).await,
            None => Err(self.not_looked_at(reading).await),
        }
    }

    /// No time is left for another look.
    async fn out_of_time(self, attempts: &Attempts<'_>, stop: &mut StopSignal) -> Result<Rows, WriteFailure> {
        match &attempts.last {
            Some(writing) => self.given_up(writing, attempts.may_be_written, stop).await,
            None => Err(self.timed_out(attempts.deadline)),
        }
    }

    /// The rows once they agree with what was sent. The answer of `assign` is the first observation; reads that lag
    /// behind get some time.
    async fn settle(
        self,
        mut rows: Rows,
        deadline: Deadline<'_>,
        stop: &mut StopSignal,
    ) -> Result<Rows, WriteFailure> {
        let deadline = deadline.at_most(TIME_FOR_STALE_READS);
        let mut backoff = stale_reads_backoff();
        while rows.canonical() != self.wanted_set() {
            if let Err(cut) = deadline.wait_at_most(backoff.next_delay(), stop).await {
                return Err(self.disagreement(rows, cut, deadline));
            }
            // A read that fails says nothing; the last observation stays.
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
            appears: (deadline.at_most(TIME_FOR_NEW_OBJECTS), backoff),
            accepted: None,
            may_be_written: false,
            token_was_replaced: false,
            last: None,
        }
    }

    /// Waits before another look at a policy that the service does not know yet.
    async fn wait_until_it_may_appear(
        &mut self,
        write: Write<'_>,
        error: &graph::Error,
        stop: &mut StopSignal,
    ) -> Result<(), WriteFailure> {
        let (deadline, backoff) = &mut self.appears;
        match deadline.wait(backoff.next_delay(), stop).await {
            Err(Cut::Stop) if !self.may_be_written => Err(write.interrupted()),
            // If the policy shows the wanted set after all, the next look says so.
            Err(_) => write.given_up(error, self.may_be_written, stop).await.map(|_| ()),
            Ok(()) => Ok(()),
        }
    }
}

fn stale_reads_backoff() -> BackoffDelays {
    Backoff::new(Duration::from_secs(1), Duration::from_secs(8)).delays()
}

/// An answer without rows of policy sets says nothing about them: those of the look before stay.
fn with_inherited_of(mut rows: Rows, before: Option<&Rows>) -> Rows {
    if let Some(before) = before
        && rows.inherited.is_empty()
    {
        rows.inherited.clone_from(&before.inherited);
    }
    rows
}
