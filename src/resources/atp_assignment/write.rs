//! Writing a policy's assignments, and making sure of what came of it.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::graph;
use crate::graph::retry::Kind;
use crate::resources::deadline::{Backoff, Cut, Deadline, Printed};
use crate::resources::report::{self, Doing};
use crate::terraform::attribute_path::AttributePath;
use crate::terraform::diagnostic::{Diagnostic, Diagnostics};
use crate::terraform::resource::Failure;
use crate::terraform::stop::StopSignal;

use super::from_graph::{self, Rows};
use super::guard::{self, Names};
use super::messages::interrupted;
use super::model::{Assignment, AtpAssignmentModel, Operation};
use super::names::ASSIGNMENTS;
use super::policy::{PATIENCE_FOR_STALE_READS, Policy};
use super::{refreshed, to_graph};

const WRITE_PERMISSION: &str = "DeviceManagementConfiguration.ReadWrite.All";

/// Why the policy does not have what it should.
pub(super) struct WriteFailure {
    diagnostics: Diagnostics,
    /// What it has instead; `None` if that is not known or nothing was written.
    rows: Option<Rows>,
    /// The policy itself does not exist any more.
    pub(super) policy_is_gone: bool,
}

impl WriteFailure {
    fn nothing_written(diagnostic: Diagnostic) -> Self {
        Self { diagnostics: diagnostic.into(), rows: None, policy_is_gone: false }
    }

    /// The errors alone.
    pub(super) fn into_diagnostics(self) -> Diagnostics {
        self.diagnostics
    }

    /// The failure with the state that it leaves.
    pub(super) fn into_state(self, prior: &AtpAssignmentModel) -> Failure<AtpAssignmentModel> {
        let state = self.rows.map(|rows| Box::new(refreshed(prior.clone(), &rows)));
        Failure { diagnostics: self.diagnostics, state }
    }
}

/// A write that a guard has let pass.
#[derive(Clone, Copy)]
pub(super) struct Write<'a> {
    pub(super) policy: Policy<'a>,
    /// What the policy is to have.
    pub(super) wanted: &'a [Assignment],
    /// What it has now, which the guard has accepted.
    pub(super) live: &'a Rows,
    pub(super) operation: Operation,
}

impl Write<'_> {
    /// Makes `wanted` the policy's direct assignments. If that is what it has, nothing is sent.
    pub(super) async fn run(
        self,
        deadline: Deadline<'_>,
        stop: &mut StopSignal,
    ) -> Result<Rows, WriteFailure> {
        if self.live.canonical() == self.wanted_set() {
            return Ok(self.live.clone());
        }
        let rows = self.send(stop).await?;
        let settled = self.settle(rows, deadline, stop).await?;
        Ok(with_inherited_of(settled, self.live))
    }

    fn wanted_set(self) -> BTreeSet<Assignment> {
        from_graph::canonical(self.wanted)
    }

    /// Sends until an answer comes. After each wait, our own or for others, the policy is read again: it may have
    /// what was sent, or somebody else may have changed it meanwhile.
    ///
    /// A request that is under way is never cut short: it could take effect after the turn has passed to another
    /// writer. The client's own time limits bound it.
    async fn send(self, stop: &StopSignal) -> Result<Rows, WriteFailure> {
        let targets = to_graph::targets(self.wanted).ok_or_else(|| self.unwritable())?;
        if stop.is_stopping() {
            return Err(WriteFailure::nothing_written(interrupted(self.policy.id)));
        }
        let mut tries = self.policy.client.tries(Kind::IntuneWrite);
        let mut may_be_written = false;
        let mut last = None;
        loop {
            let turn = match tries.turn().await {
                Ok(turn) => turn,
                Err(error) => return self.given_up(&error, may_be_written).await,
            };
            if tries.times() > 1 || turn.waited() {
                match self.policy.list().await {
                    Ok(live) if live.canonical() == self.wanted_set() => return Ok(live),
                    Ok(live) => self.refuse_changed(live, may_be_written).await?,
                    Err(error) => return self.unseen(last, &error, may_be_written).await,
                }
            }
            match self.policy.client.assign(self.policy.id, &targets).await {
                Ok(rows) => {
                    tries.succeeded(turn);
                    return Ok(Rows::new(rows));
                }
                Err(error) => {
                    may_be_written |= error.may_have_taken_effect();
                    if !tries.failed(turn, &error) {
                        return self.given_up(&tries.told(error), may_be_written).await;
                    }
                    last = Some(tries.told(error));
                }
            }
        }
    }

    /// The policy could not be read before a repetition, or after waiting for others.
    async fn unseen(
        self,
        last: Option<graph::Error>,
        reading: &graph::Error,
        may_be_written: bool,
    ) -> Result<Rows, WriteFailure> {
        match last {
            Some(writing) => self.given_up(&writing, may_be_written).await,
            None => Err(WriteFailure {
                diagnostics: self.policy.unreadable("reading its assignments before writing them", reading),
                rows: None,
                policy_is_gone: false,
            }),
        }
    }

    /// Before a repetition. `may_be_written` tells whether the attempt before may have been in force.
    async fn refuse_changed(self, live: Rows, may_be_written: bool) -> Result<(), WriteFailure> {
        if live.canonical() == self.live.canonical() {
            return Ok(());
        }
        let seen = self.live.assignments(&[]);
        let refusal = guard::changed_since_plan(&seen, self.wanted, &live, may_be_written);
        let diagnostics = guard::report(refusal, self.policy.client, self.policy.id).await;
        // Where nothing was written the prior state stays, so that only a new plan can accept the change.
        Err(WriteFailure { diagnostics, rows: may_be_written.then_some(live), policy_is_gone: false })
    }

    /// The rows once they agree with what was sent. The answer of `assign` is the first observation; reads that lag
    /// behind get some time.
    async fn settle(
        self,
        mut rows: Rows,
        deadline: Deadline<'_>,
        stop: &mut StopSignal,
    ) -> Result<Rows, WriteFailure> {
        let patience = deadline.at_most(PATIENCE_FOR_STALE_READS);
        let mut backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(8));
        while rows.canonical() != self.wanted_set() {
            if let Err(cut) = patience.wait_at_most(backoff.next(), stop).await {
                return Err(self.disagreement(rows, cut, patience));
            }
            // A read that fails tells nothing; the last observation stands.
            if let Ok(newer) = self.policy.list().await {
                rows = newer;
            }
        }
        Ok(rows)
    }

    /// `assign` failed for good. Where it may have taken effect all the same, reading tells: the set that was sent is
    /// success, and an accepted write without a usable answer gets the time that reads may lag behind.
    async fn given_up(self, error: &graph::Error, may_be_written: bool) -> Result<Rows, WriteFailure> {
        if error.is_cancelled() && !may_be_written {
            return Err(WriteFailure::nothing_written(interrupted(self.policy.id)));
        }
        let listed = if may_be_written { Some(self.policy.list().await) } else { None };
        let was_accepted = error.status().is_some_and(|status| (200..300).contains(&status));
        let (rows, not_found) = match listed {
            Some(Ok(rows)) if was_accepted || rows.canonical() == self.wanted_set() => return Ok(rows),
            Some(Ok(rows)) => (Some(rows), false),
            Some(Err(error)) => (None, error.is_resource_not_found()),
            None => (None, false),
        };
        let outcome = match (may_be_written, self.operation) {
            (false, _) => "Nothing was written.",
            (true, Operation::Create) => {
                "apply again. No state was saved, and a create compares with what is there before it writes."
            }
            (true, _) if rows.is_some() => "run terraform plan. The state now holds what was read back.",
            (true, _) => "run terraform plan, which reads what is really there. The state is unchanged.",
        };
        let object = format!("policy {}", self.policy.id);
        let doing = Doing {
            object: &object,
            action: "writing its assignments",
            permission: WRITE_PERMISSION,
            outcome,
        };
        let is_doubtful = not_found || error.is_resource_not_found();
        Err(WriteFailure {
            diagnostics: report::graph_error(doing, error).into(),
            rows,
            policy_is_gone: is_doubtful && matches!(self.policy.exists().await, Ok(false)),
        })
    }

    /// The service shows another set than was sent, and there is no more time to wait.
    fn disagreement(self, rows: Rows, cut: Cut, patience: Deadline<'_>) -> WriteFailure {
        let (found, wanted) = (rows.canonical(), self.wanted_set());
        let what = match cut {
            Cut::Deadline => format!(
                "Microsoft Graph accepted the assignments, but shows other ones, also after waiting up to {}.",
                Printed(patience.limit())
            ),
            Cut::Stop => {
                "Terraform asked the provider to stop before Microsoft Graph showed the assignments that it \
                          has accepted."
                    .to_owned()
            }
        };
        let next = match self.operation {
            Operation::Create => {
                "apply again. No state was saved, and a create compares with what is there before it writes"
            }
            _ => "run terraform plan, which shows what is really there",
        };
        let diagnostic = Diagnostic::error(
            format!("Policy {}: the service does not show the assignments as sent", self.policy.id),
            format!(
                "{what}\nSent, and not there:\n{}There, and not sent:\n{}Next: look at the policy in the Intune admin \
                 centre, then {next}.",
                guard::list(wanted.difference(&found), &Names::new()),
                guard::list(found.difference(&wanted), &Names::new()),
            ),
        );
        WriteFailure {
            diagnostics: diagnostic.at(AttributePath::root(ASSIGNMENTS)).into(),
            rows: Some(rows),
            policy_is_gone: false,
        }
    }

    /// Validation refuses kinds that are not known, so this is a plan of another version.
    fn unwritable(self) -> WriteFailure {
        let diagnostic = Diagnostic::error(
            format!("Policy {}: a kind of target cannot be written", self.policy.id),
            format!(
                "This version of the provider does not know how to write these:\n{}Nothing was written.",
                guard::list(self.wanted.iter().filter(|wanted| !wanted.is_known_kind()), &Names::new())
            ),
        );
        WriteFailure::nothing_written(diagnostic.at(AttributePath::root(ASSIGNMENTS)))
    }
}

/// An answer without rows of policy sets says nothing about them: those of the read before stay.
fn with_inherited_of(mut rows: Rows, live: &Rows) -> Rows {
    if rows.inherited.is_empty() {
        rows.inherited.clone_from(&live.inherited);
    }
    rows
}
