//! One rule: which calls it meets, and what happens to them. Reading a rule from JSON is in `read.rs`.

use std::sync::Arc;
use std::time::Duration;

use axum::http::Method;
use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::failure::Failure;
use crate::emulator::answer::Delivery;
use crate::emulator::model::target::Target;
use crate::emulator::odata::path::Address;
use crate::emulator::request::Incoming;

/// A rule with what is left of it.
#[derive(Clone, Debug)]
pub struct Rule {
    /// As it was sent.
    pub document: Value,
    /// Stands in the call log.
    pub name: Option<String>,
    /// The verb, if only one is meant.
    pub method: Option<Method>,
    /// In lower case; a part of the decoded path.
    pub path: String,
    /// In lower case; a part of the decoded query.
    pub query: String,
    /// How many calls that fit still pass.
    pub skip: u64,
    /// How many calls it still meets; `None` without end.
    pub left: Option<u64>,
    /// What happens to a call.
    pub effect: Arc<Effect>,
}

/// What happens to a call.
#[derive(Debug)]
pub enum Effect {
    /// A failure is answered, instead of the request or after it took effect.
    Fail(Failure, Moment),
    /// The connection is closed without an answer.
    Cut(Moment),
    /// The request waits before it takes effect, or its answer does.
    Delay(Duration, Moment),
    /// The answer never ends: after its head comes one blank at a time, with this pause before each.
    Drip(Duration),
    /// `assign` stores another set than it was sent.
    Rewrite(Rewrite),
    /// `assign` is not seen by the next reads.
    Stale {
        /// How many reads show the rows from before.
        reads: u64,
        /// Whether the answer of `assign` shows them, too.
        answer_old: bool,
    },
    /// A policy is answered with 404 for this many calls.
    Hide(u64),
    /// The directory does not know these groups.
    HideGroups(Vec<String>),
    /// The response of an item of a batch gets lost or doubled.
    Item(Delivery),
}

/// Before or after the request takes effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// The request takes no effect, or has not yet.
    Before,
    /// The request took effect.
    After,
}

/// How the set of an `assign` is changed.
#[derive(Debug)]
pub struct Rewrite {
    /// Targets to leave out: `type`, or `type/id`, in lower case.
    pub drop: Vec<String>,
    /// Targets to store besides.
    pub add: Vec<Target>,
}

impl Rewrite {
    /// Whether a target is left out.
    pub fn drops(&self, target: &Target) -> bool {
        let type_name = target.kind.type_name().to_ascii_lowercase();
        let full = format!("{type_name}/{}", target.key().to_ascii_lowercase());
        self.drop.iter().any(|name| *name == type_name || *name == full)
    }
}

/// A call as rules see it.
#[derive(Debug)]
pub struct Subject<'a> {
    /// The request.
    pub incoming: &'a Incoming,
    /// Its address.
    pub address: &'a Address,
    /// Whether it asks for a token, and so is none of Graph's.
    pub signs_in: bool,
}

impl Rule {
    /// Whether a call meets the rule. A call that it lets pass is counted.
    pub fn meets(&mut self, subject: &Subject<'_>) -> bool {
        if !self.fits(subject) {
            return false;
        }
        let passes = self.skip > 0;
        self.skip = self.skip.saturating_sub(1);
        !passes
    }

    /// Takes one call off, and answers whether that was the last.
    pub fn use_up(&mut self) -> bool {
        self.left = self.left.map(|left| left.saturating_sub(1));
        self.left == Some(0)
    }

    fn fits(&self, subject: &Subject<'_>) -> bool {
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

impl Effect {
    fn can_apply(&self, subject: &Subject<'_>) -> bool {
        match self {
            Self::Fail(..) | Self::Cut(_) | Self::Delay(..) => true,
            Self::Rewrite(_) | Self::Stale { .. } => subject.is_assign(),
            Self::Hide(_) => subject.is_create() || subject.policy_id().is_some(),
            Self::HideGroups(ids) => ids.iter().any(|id| subject.asks_for_group(id)),
            Self::Item(_) => subject.incoming.batch.is_some(),
            Self::Drip(_) => subject.incoming.batch.is_none(),
        }
    }
}

impl Subject<'_> {
    /// The id of the policy at or above the address.
    pub fn policy_id(&self) -> Option<&str> {
        match self.address.as_strs().as_slice() {
            ["deviceManagement", "deviceConfigurations", _, ..] => {
                self.address.parts.get(2).map(String::as_str)
            }
            _ => None,
        }
    }

    /// Whether the call creates a policy.
    pub fn is_create(&self) -> bool {
        self.incoming.method == Method::POST
            && self.address.as_strs() == ["deviceManagement", "deviceConfigurations"]
    }

    /// Whether the call is the action `assign`.
    pub fn is_assign(&self) -> bool {
        let action = matches!(
            self.address.as_strs().as_slice(),
            ["deviceManagement", "deviceConfigurations", _, .., "assign" | "microsoft.graph.assign"]
        );
        action && self.incoming.method == Method::POST
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
            ["groups", asked] => asked.eq_ignore_ascii_case(id),
            ["directoryObjects", ..] => {
                String::from_utf8_lossy(&self.incoming.body).to_ascii_lowercase().contains(id)
            }
            _ => false,
        }
    }

    /// As sent, or with each key as a part of its own.
    fn path_contains(&self, part: &str) -> bool {
        let parts = format!("/{}/{}", self.address.version, self.address.parts.join("/"));
        decoded(self.incoming.path()).contains(part) || parts.to_ascii_lowercase().contains(part)
    }
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().to_ascii_lowercase()
}
