//! Test faults: rules that a test sets, and that apply to later requests. This file decides which request
//! matches which rule, once per request and per batch item. `apply` and `stale_reads` apply the effects.
//!
//! ```text
//! { "name"?: "…",                      its name in the call log; default: its number, counted from 0
//!   "match"?: { "method"?: "POST", "path"?: "/assign", "query"?: "$expand", "skip"?: n },
//!   "times"?: n | null,                how many calls it applies to; default 1, null for no limit
//!   and one effect:
//!   "status": 429, "code"?, "message"?, "shape"?: "plain" | "intune" | "nested", "retryAfter"?: "2" | "0.5" |
//!             "<HTTP date>" | "now+2s" (an HTTP date two seconds ahead), "body"?: "…" | {"repeat": "[", "times": n},
//!             "contentType"?, "afterEffect"?: true
//!   "cut": "before" | "after"          close the connection before or after the request takes effect
//!   "delay": "500ms", "afterEffect"?   delay the request, or its response
//!   "drip": "2s"                       the response never ends: after the head one space at a time, with this pause before
//!                                      each; not for batch items
//!   "dropTargets": ["groupAssignmentTarget/<id>", "allDevicesAssignmentTarget"], "addTargets": [{target}]
//!                                      assign stores and returns fewer or more rows; a rule may have both members
//!   "stale": n, "answer"?: "old"       n reads after this assign show the previous rows; with "old" its
//!                                      response does, too
//!   "hide": n                          n calls to a policy return 404, as if it were not visible yet; on a
//!                                      create, calls to the new policy
//!   "hideCreated": n                   n reads after this create do not show the new policy: it is missing in lists,
//!                                      and calls to it return 404
//!   "repeat": true                     this create takes effect twice; the response is about the second policy.
//!                                      A rule may have both, and in addition "cut": "after", "status" with
//!                                      "afterEffect", or "delay"
//!   "hideGroups": ["<id>"]             getByIds, the list of groups, and calls to a group do not find these groups
//!   "item": "missing" | "repeated" }   the responses of a batch lack an item, or contain it twice
//! ```
//!
//! `path` and `query` are substrings of the decoded path (with the version root, and either form of a key) and
//! of the decoded query, in any case. A rule applies to the envelope of a batch only if its `path` contains
//! `$batch`, and to a token request only if it contains `oauth2` or `msi/token`. For a token request the effect
//! can be a status, a cut or a delay; `code` and `message` are then `error` and `error_description`. Rules are
//! tried in their order. The first one wins that matches, can affect the call and has no more calls to `skip`.
//! Requests that are refused before they reach an address (no valid token, no permission, over an enforced
//! limit) match no rule. A read is one GET, so each page of a listing counts. A cut of an item closes the
//! connection of the whole batch, after all of its items were served.

mod apply;
mod failure;
mod hidden_policies;
mod read;
mod rule;
mod stale_reads;

use std::sync::Arc;

use serde_json::{Value, json};

pub use apply::with_fault;
pub use failure::FaultResponse;
pub use read::{duration, rules};
pub use rule::{CreateFault, FaultCandidate, FaultEffect, FaultRule, Rewrite};
pub use stale_reads::StaleReads;

/// The active rules.
#[derive(Debug, Default)]
pub struct FaultQueue {
    added: usize,
    rules: Vec<NumberedRule>,
}

/// An active rule.
#[derive(Debug)]
struct NumberedRule {
    number: usize,
    rule: FaultRule,
}

/// The rule that matched a call.
#[derive(Clone, Debug)]
pub struct MatchedFault {
    /// The rule's name, or its number.
    pub label: String,
    /// What happens to the call.
    pub effect: Arc<FaultEffect>,
}

impl FaultQueue {
    /// Appends rules.
    pub fn add(&mut self, rules: Vec<FaultRule>) {
        for rule in rules {
            self.rules.push(NumberedRule { number: self.added, rule });
            self.added += 1;
        }
    }

    /// Whether no rule is active.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// Finds the rule that matches a call, and counts the call.
    pub fn match_rule(&mut self, subject: &FaultCandidate<'_>) -> Option<MatchedFault> {
        let winner = self.rules.iter_mut().position(|pending| pending.rule.applies_to(subject))?;
        let pending = self.rules.get_mut(winner)?;
        let label = pending.rule.name.clone().unwrap_or_else(|| pending.number.to_string());
        let fault = MatchedFault { label, effect: Arc::clone(&pending.rule.effect) };
        if pending.rule.count_down() {
            self.rules.remove(winner);
        }
        Some(fault)
    }

    /// The active rules as they were sent, each with its number, its remaining calls (null if unlimited) and the
    /// calls that it still skips.
    pub fn list(&self) -> Value {
        let shown = |pending: &NumberedRule| {
            let rule = &pending.rule;
            json!({"number": pending.number, "left": rule.left, "skip": rule.skip, "rule": rule.document})
        };
        self.rules.iter().map(shown).collect()
    }
}
