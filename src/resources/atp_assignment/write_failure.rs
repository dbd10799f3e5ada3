//! Writes that failed: what the policy has after all, as far as it can be read, and the words for it.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::graph;
use crate::resources::deadline::{Cut, Deadline, Printed};
use crate::resources::report::{self, GraphOperation};
use crate::terraform::attribute_path::AttributePath;
use crate::terraform::diagnostic::{Diagnostic, Diagnostics};
use crate::terraform::stop::StopSignal;

use super::from_graph::Rows;
use super::guard;
use super::messages;
use super::model::{Assignment, Operation};
use super::names::ASSIGNMENTS;
use super::refusal::{Names, list};
use super::wanted_write::Write;

const WRITE_PERMISSION: &str = "DeviceManagementConfiguration.ReadWrite.All";

/// How long a last read may take once Terraform asks to stop.
const LAST_READ: Duration = Duration::from_secs(1);

/// Why the policy does not have what it should.
pub(super) struct WriteFailure {
    pub(super) diagnostics: Diagnostics,
    /// What it has instead, if it was read after the failure or before a refusal.
    pub(super) rows: Option<Rows>,
    /// A write of this operation may be in force.
    pub(super) may_be_written: bool,
    /// The policy itself does not exist any more.
    pub(super) policy_is_gone: bool,
    /// The assignments that such a write has removed, or may have.
    pub(super) removed: BTreeSet<Assignment>,
}

impl WriteFailure {
    /// Nothing was sent.
    pub(super) fn nothing_written(diagnostics: impl Into<Diagnostics>) -> Self {
        Self {
            diagnostics: diagnostics.into(),
            rows: None,
            may_be_written: false,
            policy_is_gone: false,
            removed: BTreeSet::new(),
        }
    }

    /// The guard did not let the write pass.
    pub(super) fn refused(diagnostics: Diagnostics, live: &Rows, may_be_written: bool) -> Self {
        Self {
            diagnostics,
            rows: Some(live.clone()),
            may_be_written,
            ..Self::nothing_written(Diagnostics::new())
        }
    }

    /// The same. If nothing was written, the rows are those that the guard let pass.
    pub(super) fn or_as_it_was(mut self, accepted: Option<&Rows>) -> Self {
        if self.rows.is_none() && !self.may_be_written {
            self.rows = accepted.cloned();
        }
        self
    }

    /// The same, with what a write may have removed of the set that the guard let pass.
    pub(super) fn with_removed(mut self, accepted: Option<&Rows>, wanted: &BTreeSet<Assignment>) -> Self {
        if let Some(accepted) = accepted.filter(|_| self.may_be_written) {
            let kept = self.rows.as_ref().map_or_else(|| wanted.clone(), Rows::canonical);
            self.removed = guard::without(accepted, &kept);
        }
        self
    }

    /// The rows, if something was written: without a write, the state stays as it was, so that only a new plan can
    /// accept a change.
    pub(super) fn rows_after_write(&self) -> Option<&Rows> {
        self.rows.as_ref().filter(|_| self.may_be_written)
    }
}

impl Write<'_> {
    /// `assign` failed for good. Where it may have taken effect all the same, a read decides: the set that was sent is
    /// success, and an accepted write without a usable answer gets the time that reads may lag behind.
    pub(super) async fn given_up(
        self,
        error: &graph::Error,
        may_be_written: bool,
        stop: &mut StopSignal,
    ) -> Result<Rows, WriteFailure> {
        if error.is_cancelled() && !may_be_written {
            return Err(self.interrupted());
        }
        let listed = if may_be_written { self.read_back(stop).await } else { None };
        let was_accepted = error.status().is_some_and(|status| (200..300).contains(&status));
        let (rows, not_found) = match listed {
            Some(Ok(rows)) if was_accepted || rows.canonical() == self.wanted_set() => return Ok(rows),
            Some(Ok(rows)) => (Some(rows), false),
            Some(Err(error)) => (None, error.is_resource_not_found()),
            None => (None, false),
        };
        let is_doubtful = not_found || error.is_resource_not_found();
        Err(WriteFailure {
            diagnostics: self.failed(error, may_be_written, rows.is_some()).into(),
            rows,
            may_be_written,
            policy_is_gone: is_doubtful && matches!(self.policy.exists().await, Ok(false)),
            removed: BTreeSet::new(),
        })
    }

    /// Reads what the policy has after a write whose outcome is not known. A stop leaves it a second.
    async fn read_back(self, stop: &mut StopSignal) -> Option<Result<Rows, graph::Error>> {
        let mut reading = std::pin::pin!(self.policy.list());
        tokio::select! {
            biased;
            read = &mut reading => return Some(read),
            () = stop.stopped() => {}
        }
        tokio::time::timeout(LAST_READ, reading).await.ok()
    }

    fn failed(self, error: &graph::Error, may_be_written: bool, was_read: bool) -> Diagnostic {
        let unwritten = self.policy.unwritten();
        let outcome = match (may_be_written, self.operation) {
            (false, _) => unwritten.as_str(),
            (true, Operation::Create) => {
                "apply again. The next apply compares what is there, and writes the set without removing it first."
            }
            (true, _) if was_read => "run terraform plan. The state now holds what was read back.",
            (true, _) => "run terraform plan, which reads what is really there. The state is unchanged.",
        };
        let object = format!("policy {}", self.policy.id);
        let operation = GraphOperation {
            object: &object,
            action: "writing its assignments",
            permission: WRITE_PERMISSION,
            outcome,
        };
        let mut diagnostic = report::graph_error(operation, error);
        // After the first failed sign-in, messages have one line. A write in doubt needs its advice all the same.
        if may_be_written && diagnostic.detail.is_empty() {
            diagnostic.detail = format!("Next: {outcome}");
        }
        diagnostic
    }

    /// The policy could not be read right before the write.
    pub(super) async fn not_looked_at(self, reading: &graph::Error) -> WriteFailure {
        let diagnostics = self.policy.unreadable("reading its assignments before writing them", reading);
        let is_gone = reading.is_resource_not_found() && matches!(self.policy.exists().await, Ok(false));
        WriteFailure { policy_is_gone: is_gone, ..WriteFailure::nothing_written(diagnostics) }
    }

    /// The service shows another set than was sent, and there is no more time to wait.
    pub(super) fn disagreement(self, rows: Rows, cut: Cut, deadline: Deadline<'_>) -> WriteFailure {
        let (found, wanted) = (rows.canonical(), self.wanted_set());
        let what = match cut {
            Cut::Deadline => format!(
                "Microsoft Graph accepted the assignments, but the service still shows a different set after {}.",
                Printed(deadline.limit())
            ),
            Cut::Stop => {
                "Terraform asked the provider to stop before Microsoft Graph showed the assignments that it \
                          has accepted."
                    .to_owned()
            }
        };
        let next = match self.operation {
            Operation::Create => {
                "apply again. The next apply compares what is there, and writes the planned set without removing \
                 anything first"
            }
            _ => "run terraform plan, which shows what is really there",
        };
        let diagnostic = Diagnostic::error(
            format!("Policy {}: the service does not show the assignments as sent", self.policy.id),
            format!(
                "{what}\nSent, and not there:\n{}There, and not sent:\n{}Next: look at the policy in the Intune admin \
                 center, then {next}.",
                list(wanted.difference(&found), &Names::new()),
                list(found.difference(&wanted), &Names::new()),
            ),
        );
        WriteFailure {
            diagnostics: diagnostic.at(AttributePath::root(ASSIGNMENTS)).into(),
            rows: Some(rows),
            may_be_written: true,
            policy_is_gone: false,
            removed: BTreeSet::new(),
        }
    }

    /// Validation refuses kinds that are not known, so this is a plan of another version.
    pub(super) fn unwritable(self) -> WriteFailure {
        let diagnostic = Diagnostic::error(
            format!("Policy {}: a kind of target cannot be written", self.policy.id),
            format!(
                "This version of the provider does not know how to write these:\n{}{}",
                list(self.wanted.iter().filter(|wanted| !wanted.is_known_kind()), &Names::new()),
                self.policy.unwritten()
            ),
        );
        WriteFailure::nothing_written(diagnostic.at(AttributePath::root(ASSIGNMENTS)))
    }

    /// Terraform asked to stop before anything was sent.
    pub(super) fn interrupted(self) -> WriteFailure {
        WriteFailure::nothing_written(self.policy.interrupted())
    }

    /// The operation has no time left for another look.
    pub(super) fn timed_out(self, deadline: Deadline<'_>) -> WriteFailure {
        WriteFailure::nothing_written(messages::timed_out(self.operation, deadline, self.policy))
    }
}
