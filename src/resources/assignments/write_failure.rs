//! Failed writes: the assignments of the policy after the failure, if they can be read, and the diagnostics.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::graph;
use crate::resources::deadline::{Deadline, DisplayDuration, WaitError};
use crate::resources::report::{self, GraphOperation};
use crate::resources::timeouts::Operation;
use crate::terraform::attribute_path::AttributePath;
use crate::terraform::diagnostic::{Diagnostic, Diagnostics};
use crate::terraform::stop::StopSignal;

use super::from_graph::AssignmentRows;
use super::guard;
use super::messages;
use super::model::Assignment;
use super::names::ASSIGNMENTS;
use super::planned_write::PlannedWrite;
use super::refusal::{GroupNames, list};

const WRITE_PERMISSION: &str = "DeviceManagementConfiguration.ReadWrite.All";

/// The time limit for a last read after Terraform has asked the provider to stop.
const READ_TIMEOUT_AFTER_STOP: Duration = Duration::from_secs(1);

/// A failed write.
pub(super) struct WriteFailure {
    pub(super) diagnostics: Diagnostics,
    /// The last assignments that were read: after the write, or, if nothing was written, before the failure.
    pub(super) rows: Option<AssignmentRows>,
    /// Whether a write of this operation may have taken effect.
    pub(super) may_have_been_written: bool,
    /// Whether the policy itself no longer exists.
    pub(super) policy_is_gone: bool,
    /// The assignments that a write has removed or may have removed.
    pub(super) removed: BTreeSet<Assignment>,
}

impl WriteFailure {
    /// A failure before anything was sent.
    pub(super) fn nothing_written(diagnostics: impl Into<Diagnostics>) -> Self {
        Self {
            diagnostics: diagnostics.into(),
            rows: None,
            may_have_been_written: false,
            policy_is_gone: false,
            removed: BTreeSet::new(),
        }
    }

    /// A refusal by the guard.
    pub(super) fn refused(
        diagnostics: Diagnostics,
        live: &AssignmentRows,
        may_have_been_written: bool,
    ) -> Self {
        Self {
            diagnostics,
            rows: Some(live.clone()),
            may_have_been_written,
            ..Self::nothing_written(Diagnostics::new())
        }
    }

    /// Sets the assignments to those that were read before the failure, if nothing was written. A failed replacement
    /// needs them for its state.
    pub(super) fn with_rows_if_unwritten(mut self, before: Option<&AssignmentRows>) -> Self {
        if self.rows.is_none() && !self.may_have_been_written {
            self.rows = before.cloned();
        }
        self
    }

    /// Sets `removed` to the assignments that were read before the write and that the write may have removed.
    pub(super) fn with_removed(
        mut self,
        before: Option<&AssignmentRows>,
        planned: &BTreeSet<Assignment>,
    ) -> Self {
        if let Some(before) = before.filter(|_| self.may_have_been_written) {
            let remaining = self.rows.as_ref().map_or_else(|| planned.clone(), AssignmentRows::canonical);
            self.removed = guard::assignments_not_in(before, &remaining);
        }
        self
    }

    /// The live assignments, if a write may have taken effect. Otherwise, the state must not change, so that the next
    /// plan shows changes that were made elsewhere.
    pub(super) fn rows_after_write(&self) -> Option<&AssignmentRows> {
        self.rows.as_ref().filter(|_| self.may_have_been_written)
    }
}

impl PlannedWrite<'_> {
    /// Determines the outcome of an `assign` that has failed permanently. If the write may have taken effect, this
    /// function reads the policy. The write has succeeded if the policy has the planned set. After a status 2xx with an
    /// unusable body, the function returns the set that it read, even if it is not the planned one, and the caller waits until reads show the planned set.
    pub(super) async fn resolve_failure(
        self,
        error: &graph::Error,
        may_have_been_written: bool,
        stop: &mut StopSignal,
    ) -> Result<AssignmentRows, WriteFailure> {
        if error.is_cancelled() && !may_have_been_written {
            return Err(self.interrupted());
        }
        let listed = if may_have_been_written { self.read_back(stop).await } else { None };
        let was_accepted = error.status().is_some_and(|status| (200..300).contains(&status));
        let (rows, not_found) = match listed {
            Some(Ok(rows)) if was_accepted || rows.canonical() == self.planned_set() => return Ok(rows),
            Some(Ok(rows)) => (Some(rows), false),
            Some(Err(error)) => (None, error.is_resource_not_found()),
            None => (None, false),
        };
        let may_be_gone = not_found || error.is_resource_not_found();
        Err(WriteFailure {
            diagnostics: self.failure_diagnostic(error, may_have_been_written, rows.is_some()).into(),
            rows,
            may_have_been_written,
            policy_is_gone: may_be_gone && matches!(self.policy.exists().await, Ok(false)),
            removed: BTreeSet::new(),
        })
    }

    /// Reads the policy after a write with an unknown outcome. If Terraform asks the provider to stop, the read may
    /// continue for [`READ_TIMEOUT_AFTER_STOP`].
    async fn read_back(self, stop: &mut StopSignal) -> Option<Result<AssignmentRows, graph::Error>> {
        let mut reading = std::pin::pin!(self.policy.list());
        tokio::select! {
            biased;
            read = &mut reading => return Some(read),
            () = stop.stopped() => {}
        }
        tokio::time::timeout(READ_TIMEOUT_AFTER_STOP, reading).await.ok()
    }

    fn failure_diagnostic(
        self,
        error: &graph::Error,
        may_have_been_written: bool,
        was_read_back: bool,
    ) -> Diagnostic {
        let written_so_far = self.policy.describe_writes();
        let outcome = match (may_have_been_written, self.operation) {
            (false, _) => written_so_far.as_str(),
            (true, Operation::Create) => {
                "apply again. Terraform then plans to replace the resource; the provider replaces the assignments with a single write, so the policy is never left without assignments."
            }
            (true, _) if was_read_back => {
                "run terraform plan. The state now contains the assignments that the provider read after the failure."
            }
            (true, _) => "run terraform plan, which reads the current assignments. The state is unchanged.",
        };
        let object = format!("policy {}", self.policy.id);
        let operation = GraphOperation {
            object: &object,
            action: "writing its assignments",
            permission: WRITE_PERMISSION,
            outcome,
        };
        let mut diagnostic = report::graph_error(operation, error);
        // Only the first failed sign-in of a session has a detail. If the write may have taken effect, the user still
        // needs to know what to do next.
        if may_have_been_written && diagnostic.detail.is_empty() {
            diagnostic.detail = format!("Next: {outcome}");
        }
        diagnostic
    }

    /// The failure of the live read before the write.
    pub(super) async fn read_failure(self, error: &graph::Error) -> WriteFailure {
        let diagnostics = self.policy.read_error("reading its assignments before writing them", error);
        let is_gone = error.is_resource_not_found() && matches!(self.policy.exists().await, Ok(false));
        WriteFailure { policy_is_gone: is_gone, ..WriteFailure::nothing_written(diagnostics) }
    }

    /// The failure if the service did not show the planned assignments before the wait ended.
    pub(super) fn not_shown_as_sent(
        self,
        rows: AssignmentRows,
        error: WaitError,
        deadline: Deadline<'_>,
    ) -> WriteFailure {
        let (live, planned) = (rows.canonical(), self.planned_set());
        let problem = match error {
            WaitError::DeadlineExceeded => format!(
                "Microsoft Graph accepted the assignments, but the service still shows a different set after {}.",
                DisplayDuration(deadline.limit())
            ),
            WaitError::Stopped => {
                "Terraform asked the provider to stop before Microsoft Graph showed the assignments that it had \
                 accepted."
                    .to_owned()
            }
        };
        let next = match self.operation {
            Operation::Create => {
                "apply again. Terraform then plans to replace the resource; the provider replaces the assignments with a \
                 single write, so the policy is never left without assignments"
            }
            _ => "run terraform plan, which shows the current assignments",
        };
        let diagnostic = Diagnostic::error(
            format!("Policy {}: the service does not show the assignments as sent", self.policy.id),
            format!(
                "{problem}\nSent but missing:\n{}Present but not sent:\n{}Next: look at the policy in the Intune admin \
                 center, then {next}.",
                list(planned.difference(&live), &GroupNames::new()),
                list(live.difference(&planned), &GroupNames::new()),
            ),
        );
        WriteFailure {
            diagnostics: diagnostic.at(AttributePath::root(ASSIGNMENTS)).into(),
            rows: Some(rows),
            may_have_been_written: true,
            policy_is_gone: false,
            removed: BTreeSet::new(),
        }
    }

    /// The failure for a target type that this version of the provider cannot write. Validation refuses such a target,
    /// so another version of the provider must have made the plan.
    pub(super) fn unsupported_target(self) -> WriteFailure {
        let diagnostic = Diagnostic::error(
            format!("Policy {}: a kind of target cannot be written", self.policy.id),
            format!(
                "This version of the provider cannot write these assignments:\n{}{}",
                list(
                    self.planned.iter().filter(|planned| !planned.has_known_target_type()),
                    &GroupNames::new()
                ),
                self.policy.describe_writes()
            ),
        );
        WriteFailure::nothing_written(diagnostic.at(AttributePath::root(ASSIGNMENTS)))
    }

    /// The failure if Terraform asked the provider to stop before anything was sent.
    pub(super) fn interrupted(self) -> WriteFailure {
        WriteFailure::nothing_written(self.policy.interrupted())
    }

    /// The failure if no time is left for another live read.
    pub(super) fn timed_out(self, deadline: Deadline<'_>) -> WriteFailure {
        WriteFailure::nothing_written(messages::timed_out(self.operation, deadline, self.policy))
    }
}
