//! Writing a policy's assignments, and making sure of what came of it.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::graph;
use crate::resources::deadline::{Backoff, Deadline};
use crate::resources::report::{self, Doing};
use crate::terraform::diagnostic::{Diagnostic, Diagnostics};
use crate::terraform::resource::Failure;
use crate::terraform::stop::StopSignal;

use super::from_graph::{self, Rows};
use super::guard;
use super::model::{Assignment, AtpAssignmentModel};
use super::policy::Policy;
use super::{refreshed, to_graph};

const WRITE_PERMISSION: &str = "DeviceManagementConfiguration.ReadWrite.All";

/// How long reads may lag behind a write before that is an error.
const PATIENCE_FOR_STALE_READS: Duration = Duration::from_secs(30);

/// How often a write is sent at most.
const MOST_ATTEMPTS: usize = 5;

/// Why the policy does not have what it should.
pub(super) struct WriteFailure {
    diagnostics: Diagnostics,
    /// What it has instead; `None` if that is not known or nothing was written.
    rows: Option<Rows>,
    /// The policy itself does not exist any more.
    pub(super) policy_is_gone: bool,
}

impl WriteFailure {
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

/// Nothing was written.
impl From<Diagnostics> for WriteFailure {
    fn from(diagnostics: Diagnostics) -> Self {
        Self { diagnostics, rows: None, policy_is_gone: false }
    }
}

/// Makes `wanted` the policy's direct assignments. `live` is what it has now, which a guard has accepted; if that is
/// the same, nothing is sent.
pub(super) async fn assign(
    policy: Policy<'_>,
    wanted: &[Assignment],
    live: &Rows,
    deadline: Deadline,
    stop: &mut StopSignal,
) -> Result<Rows, WriteFailure> {
    if live.canonical() == from_graph::canonical(wanted) {
        return Ok(live.clone());
    }
    let rows = send(policy, wanted, live, deadline, stop).await?;
    let settled = settle(policy, rows, &from_graph::canonical(wanted), deadline, stop).await?;
    Ok(with_inherited_of(settled, live))
}

/// Sends until an answer comes. Before each repetition the policy is read again: it may have what was sent, or
/// somebody else may have changed it while we waited.
async fn send(
    policy: Policy<'_>,
    wanted: &[Assignment],
    accepted: &Rows,
    deadline: Deadline,
    stop: &mut StopSignal,
) -> Result<Rows, WriteFailure> {
    let targets = to_graph::targets(wanted).ok_or_else(|| unwritable(policy.id, wanted))?;
    let mut backoff = Backoff::new(Duration::from_secs(2), Duration::from_mins(1));
    let mut attempt = 1;
    loop {
        let error = match policy.client.assign(policy.id, &targets).await {
            Ok(rows) => return Ok(Rows::new(rows)),
            Err(error) => error,
        };
        let pause = retry_after(&error).unwrap_or_else(|| backoff.next());
        let may_repeat = attempt < MOST_ATTEMPTS && is_worth_repeating(&error);
        if !may_repeat || deadline.wait(pause, stop).await.is_err() {
            return Err(not_written(policy, &error).await);
        }
        let Ok(live) = policy.list().await else { return Err(not_written(policy, &error).await) };
        if live.canonical() == from_graph::canonical(wanted) {
            return Ok(live);
        }
        refuse_changed(policy, wanted, accepted, live).await?;
        attempt += 1;
    }
}

/// Whether the same write may succeed later: the service was busy or its answer was lost. `assign` gives the same
/// set however often it is sent, so repeating it is safe as long as nobody else has written in between.
fn is_worth_repeating(error: &graph::Error) -> bool {
    error.is_throttled() || error.is_unavailable() || matches!(error, graph::Error::OutcomeUnknown { .. })
}

/// `Retry-After` in seconds, whole or not.
fn retry_after(error: &graph::Error) -> Option<Duration> {
    let seconds: f64 = error.call()?.retry_after.as_deref()?.trim().parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}

async fn refuse_changed(
    policy: Policy<'_>,
    wanted: &[Assignment],
    accepted: &Rows,
    live: Rows,
) -> Result<(), WriteFailure> {
    if live.canonical() == accepted.canonical() {
        return Ok(());
    }
    let refusal = guard::changed_since_plan(&accepted.assignments(&[]), wanted, &live);
    let diagnostics = guard::report(refusal, policy.client, policy.id).await;
    Err(WriteFailure { diagnostics, rows: Some(live), policy_is_gone: false })
}

/// The rows once they agree with what was sent. The answer of `assign` is the first observation; reads that lag
/// behind get some time.
async fn settle(
    policy: Policy<'_>,
    mut rows: Rows,
    wanted: &BTreeSet<Assignment>,
    deadline: Deadline,
    stop: &mut StopSignal,
) -> Result<Rows, WriteFailure> {
    let patience = deadline.at_most(PATIENCE_FOR_STALE_READS);
    let mut backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(8));
    while rows.canonical() != *wanted {
        if patience.wait(backoff.next(), stop).await.is_err() {
            return Err(disagreement(policy.id, rows, wanted));
        }
        // A read that fails tells nothing; the last observation stands.
        if let Ok(newer) = policy.list().await {
            rows = newer;
        }
    }
    Ok(rows)
}

/// An answer without rows of policy sets says nothing about them: those of the read before stay.
fn with_inherited_of(mut rows: Rows, live: &Rows) -> Rows {
    if rows.inherited.is_empty() {
        rows.inherited.clone_from(&live.inherited);
    }
    rows
}

/// `assign` answered with an error. Whether anything is written then is found out by reading, where that can be.
async fn not_written(policy: Policy<'_>, error: &graph::Error) -> WriteFailure {
    let object = format!("policy {}", policy.id);
    let written = error.may_have_taken_effect();
    let outcome = if written { "The state shows what could be read." } else { "Nothing was changed." };
    let doing =
        Doing { object: &object, action: "writing its assignments", permission: WRITE_PERMISSION, outcome };
    WriteFailure {
        diagnostics: report::graph_error(doing, error).into(),
        rows: if written { policy.list().await.ok() } else { None },
        policy_is_gone: error.is_resource_not_found() && matches!(policy.exists().await, Ok(false)),
    }
}

fn disagreement(id: &str, rows: Rows, wanted: &BTreeSet<Assignment>) -> WriteFailure {
    let found = rows.canonical();
    let missing = list("Sent, and not there", wanted.difference(&found));
    let added = list("There, and not sent", found.difference(wanted));
    let diagnostic = Diagnostic::error(
        format!("Policy {id}: the service did not take over the assignments as sent"),
        format!(
            "Microsoft Graph accepted the assignments, but shows other ones.\n{missing}{added}Next: look at the \
             policy in the Intune admin centre, then run terraform plan, which shows what is really there."
        ),
    );
    WriteFailure { diagnostics: diagnostic.into(), rows: Some(rows), policy_is_gone: false }
}

fn unwritable(id: &str, wanted: &[Assignment]) -> WriteFailure {
    let diagnostic = Diagnostic::error(
        format!("Policy {id}: a kind of target cannot be written"),
        format!(
            "{}This version of the provider does not know how. Nothing was changed.",
            list("Targets", wanted)
        ),
    );
    Diagnostics::from(diagnostic).into()
}

/// A title and a line for each; nothing if there is none.
fn list<'a>(title: &str, assignments: impl IntoIterator<Item = &'a Assignment>) -> String {
    let lines: Vec<String> =
        assignments.into_iter().map(|assignment| format!("  - {assignment}\n")).collect();
    if lines.is_empty() { String::new() } else { format!("{title}:\n{}", lines.concat()) }
}
