//! The result of an operation: state, messages and requests. Does not judge it.

use serde_json::Value as Json;
use terraform_provider_defender::emulator::CallRecord;

use crate::behaviour::assignments;
use crate::case::{HARMLESS, WITH_EFFECT};

/// The result of an operation.
pub struct Ending {
    pub state: Json,
    /// All diagnostics.
    pub messages: String,
    /// The elements that the policy has now.
    pub live: Vec<Json>,
    /// The elements that it had when the operation started.
    pub live_before: Vec<Json>,
    /// The provider's requests in order, including items of batches.
    pub calls: Vec<CallRecord>,
    /// How many of the requests had been answered at the beginning of each pause.
    pub pauses: Vec<usize>,
    /// Whether every rule of the case has applied to a request.
    pub faults_met: bool,
}

impl Ending {
    pub fn has_paused(&self) -> bool {
        !self.pauses.is_empty()
    }

    /// The writes.
    pub fn assigns(&self) -> impl Iterator<Item = &CallRecord> {
        self.calls.iter().filter(|call| is_assign(call))
    }

    /// The requests with a fault.
    pub fn faulty(&self) -> impl Iterator<Item = &CallRecord> {
        self.calls.iter().filter(|call| call.fault.is_some())
    }

    /// The number of successful reads of the assignments.
    pub fn reads(&self) -> usize {
        self.calls.iter().filter(|call| is_look(call)).count()
    }

    pub fn writes_in_force(&self) -> usize {
        self.assigns()
            .filter(|call| match call.fault.as_deref() {
                None => call.status == 200,
                Some(name) => name == WITH_EFFECT,
            })
            .count()
    }

    /// The number of writes without a read right before.
    pub fn writes_without_a_look(&self) -> usize {
        let writes = (0..self.calls.len()).filter(|position| is_assign(&self.calls[*position]));
        writes.filter(|write| !self.is_right_after_a_look(*write)).count()
    }

    /// Whether a read directly precedes this write, without a failure, another write or a pause in between.
    fn is_right_after_a_look(&self, write: usize) -> bool {
        let Some(look) = self.calls[..write].iter().rposition(is_look) else { return false };
        let envelope = self.calls[look].envelope;
        let begin = self.calls.iter().position(|call| Some(call.number) == envelope).unwrap_or(look);
        let has_paused = self.pauses.iter().any(|answered| (begin + 1..=write).contains(answered));
        self.calls[begin..write].iter().all(is_undisturbed) && !has_paused
    }

    /// Checks that the message describes the outcome correctly.
    pub fn claims(&self, prior: &Json) -> Result<(), &'static str> {
        let may_be_in_force = |call: &CallRecord| !(300..500).contains(&call.status);
        if self.messages.contains("Nothing was written") && self.assigns().any(may_be_in_force) {
            return Err("something may have been written");
        }
        if self.messages.contains("state is unchanged") && assignments(&self.state) != assignments(prior) {
            return Err("the state has changed");
        }
        if self.messages.contains("as tainted") && self.state.is_null() {
            return Err("there is no state");
        }
        Ok(())
    }

    /// The requests, for failures.
    pub fn lines(&self) -> Vec<String> {
        let line = |call: &CallRecord| {
            let fault = call.fault.as_deref().unwrap_or("no fault");
            format!("{} {} {} ({fault})", call.method, call.path, call.status)
        };
        self.calls.iter().map(line).collect()
    }
}

fn is_assign(call: &CallRecord) -> bool {
    call.path.ends_with("/assign")
}

/// A rule of a test may answer for the items of a batch.
fn is_look(call: &CallRecord) -> bool {
    let shows_rows = call.method == "GET" && call.path.contains("/assignments");
    shows_rows || is_harmless(call) && call.path.ends_with("/$batch")
}

fn is_undisturbed(call: &CallRecord) -> bool {
    call.status == 200 && !is_assign(call) && (call.fault.is_none() || is_harmless(call))
}

fn is_harmless(call: &CallRecord) -> bool {
    call.fault.as_deref() == Some(HARMLESS)
}
