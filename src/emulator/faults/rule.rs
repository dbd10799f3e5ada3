//! One rule: which calls it matches, and its effect. Reading a rule from JSON is in `read.rs`.

use std::sync::Arc;
use std::time::Duration;

use axum::http::Method;
use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::failure::FaultResponse;
use crate::emulator::model::policy_collection::PolicyCollection;
use crate::emulator::model::target::StoredTarget;
use crate::emulator::odata::path::ODataAddress;
use crate::emulator::request::IncomingRequest;
use crate::emulator::response::Delivery;

/// A rule with its counters.
#[derive(Clone, Debug)]
pub struct FaultRule {
    /// As it was sent.
    pub document: Value,
    /// Its name in the call log.
    pub name: Option<String>,
    /// The HTTP method to match; `None` matches all.
    pub method: Option<Method>,
    /// A substring of the decoded path, in lower case.
    pub path: String,
    /// A substring of the decoded query, in lower case.
    pub query: String,
    /// How many matching calls to skip first.
    pub skip: u64,
    /// How many calls it still applies to; `None` means no limit.
    pub left: Option<u64>,
    /// The effect on a call.
    pub effect: Arc<FaultEffect>,
}

/// The effect on a call.
#[derive(Debug)]
pub enum FaultEffect {
    /// An error response, instead of the request or after it took effect.
    Fail(FaultResponse, FaultTiming),
    /// The connection is closed without an answer.
    Cut(FaultTiming),
    /// The request or its response is delayed.
    Delay(Duration, FaultTiming),
    /// The response never ends: after the head it sends one space at a time, with this pause before each.
    Drip(Duration),
    /// `assign` stores a different set than was sent.
    Rewrite(Rewrite),
    /// The next reads do not see an `assign`.
    Stale {
        /// How many reads show the previous rows.
        reads: u64,
        /// Whether the response to `assign` shows them, too.
        answer_old: bool,
    },
    /// Calls to a policy return 404, this many times.
    Hide(u64),
    /// The directory does not find these groups.
    HideGroups(Vec<String>),
    /// The response to a batch item is lost or duplicated.
    Item(Delivery),
    /// A create takes effect twice, or late.
    Create(CreateFault),
}

/// What happens to a create.
#[derive(Debug)]
pub struct CreateFault {
    /// How many reads do not see the new policy.
    pub hidden_reads: u64,
    /// Whether two policies are created.
    pub repeated: bool,
    /// What happens to the response: an error, a cut or a delay.
    pub answer: Option<Box<FaultEffect>>,
}

/// Before or after the request takes effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultTiming {
    /// Before the request takes effect.
    Before,
    /// After the request took effect.
    After,
}

/// Changes to the set of an `assign`.
#[derive(Debug)]
pub struct Rewrite {
    /// Targets to drop: `type`, or `type/id`, in lower case.
    pub drop: Vec<String>,
    /// Targets to add.
    pub add: Vec<StoredTarget>,
}

impl Rewrite {
    /// Whether a target is dropped.
    pub fn drops(&self, target: &StoredTarget) -> bool {
        let type_name = target.kind.type_name().to_ascii_lowercase();
        let full = format!("{type_name}/{}", target.key().to_ascii_lowercase());
        self.drop.iter().any(|name| *name == type_name || *name == full)
    }
}

/// The properties of a call that rules look at.
#[derive(Debug)]
pub struct FaultCandidate<'a> {
    /// The request.
    pub incoming: &'a IncomingRequest,
    /// Its address.
    pub address: &'a ODataAddress,
    /// Whether it is a token request rather than a Graph request.
    pub signs_in: bool,
}

impl FaultRule {
    /// Whether the rule applies to a call. A matching call that is skipped is counted.
    pub fn applies_to(&mut self, subject: &FaultCandidate<'_>) -> bool {
        if !self.matches_request(subject) {
            return false;
        }
        let passes = self.skip > 0;
        self.skip = self.skip.saturating_sub(1);
        !passes
    }

    /// Counts one call. Returns whether it was the last.
    pub fn count_down(&mut self) -> bool {
        self.left = self.left.map(|left| left.saturating_sub(1));
        self.left == Some(0)
    }

    fn matches_request(&self, subject: &FaultCandidate<'_>) -> bool {
        self.method.as_ref().is_none_or(|method| *method == subject.incoming.method)
            && subject.path_contains(&self.path)
            && decoded(subject.incoming.query()).contains(&self.query)
            && subject.is_batch() == self.path.contains("$batch")
            && subject.signs_in == self.is_about_tokens()
            && self.effect.can_apply(subject)
    }

    fn is_about_tokens(&self) -> bool {
        self.path.contains("oauth2") || self.path.contains("msi/token")
    }
}

impl FaultEffect {
    /// The effect on the response of the request.
    pub fn on_response(&self) -> Option<&Self> {
        match self {
            Self::Create(fault) => fault.answer.as_deref(),
            other => Some(other),
        }
    }

    fn can_apply(&self, subject: &FaultCandidate<'_>) -> bool {
        match self {
            Self::Fail(..) | Self::Cut(_) | Self::Delay(..) => true,
            Self::Rewrite(_) | Self::Stale { .. } => subject.is_assign(),
            Self::Create(_) => subject.is_create(),
            Self::Hide(_) => subject.is_create() || subject.policy().is_some(),
            Self::HideGroups(ids) => ids.iter().any(|id| subject.asks_for_group(id)),
            Self::Item(_) => subject.incoming.batch.is_some(),
            Self::Drip(_) => subject.incoming.batch.is_none(),
        }
    }
}

impl FaultCandidate<'_> {
    /// The collection of policies at or above the address.
    pub fn collection(&self) -> Option<PolicyCollection> {
        PolicyCollection::of_address(&self.address.as_strs())
    }

    /// The policy at or above the address: its collection and id.
    pub fn policy(&self) -> Option<(PolicyCollection, &str)> {
        Some((self.collection()?, self.address.parts.get(2)?))
    }

    /// Whether the call creates a policy.
    pub fn is_create(&self) -> bool {
        self.incoming.method == Method::POST && self.collection().is_some() && self.address.parts.len() == 2
    }

    /// The collection of policies that the call lists.
    pub fn listed(&self) -> Option<PolicyCollection> {
        self.collection().filter(|_| self.incoming.method == Method::GET && self.address.parts.len() == 2)
    }

    /// Whether the call is the action `assign`.
    pub fn is_assign(&self) -> bool {
        let last = self.address.parts.last().map(String::as_str);
        let action =
            matches!(last, Some("assign" | "microsoft.graph.assign")) && self.address.parts.len() > 3;
        self.collection().is_some() && action && self.incoming.method == Method::POST
    }

    /// How many assignments the body of an `assign` lists.
    pub fn count_assigned(&self) -> Option<usize> {
        let body: Value = self.is_assign().then(|| serde_json::from_slice(&self.incoming.body).ok())??;
        body.get("assignments")?.as_array().map(Vec::len)
    }

    fn is_batch(&self) -> bool {
        self.address.as_strs() == ["$batch"]
    }

    fn asks_for_group(&self, id: &str) -> bool {
        match self.address.as_strs().as_slice() {
            // A list could show it.
            ["groups"] => self.incoming.method == Method::GET,
            ["groups", asked, ..] => asked.eq_ignore_ascii_case(id),
            ["directoryObjects", ..] => {
                String::from_utf8_lossy(&self.incoming.body).to_ascii_lowercase().contains(id)
            }
            _ => false,
        }
    }

    /// Compares with the path as sent, and with the path where each key is a segment of its own.
    fn path_contains(&self, part: &str) -> bool {
        let parts = format!("/{}/{}", self.address.version, self.address.parts.join("/"));
        decoded(self.incoming.path()).contains(part) || parts.to_ascii_lowercase().contains(part)
    }
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().to_ascii_lowercase()
}
