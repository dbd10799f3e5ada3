//! Faults on demand: rules that a test sets, and that the requests which follow run into. Which request meets
//! which rule is decided here, once per request, an item of a batch included; what a fault does stands in the
//! files beside, and `router` applies it.
//!
//! ```text
//! { "name"?: "…",                      shown in the call log; otherwise the number of the rule, from 0
//!   "match"?: { "method"?: "POST", "path"?: "/assign", "query"?: "$expand", "skip"?: n },
//!   "times"?: n | null,                how many calls it meets; 1 unless said otherwise, null without end
//!   and one effect:
//!   "status": 429, "code"?, "message"?, "shape"?: "plain" | "intune" | "nested", "retryAfter"?: "2" | "0.5" |
//!             "<HTTP date>" | "now+2s" (an HTTP date two seconds ahead), "body"?: "…" | {"repeat": "[", "times": n},
//!             "contentType"?, "afterEffect"?: true
//!   "cut": "before" | "after"          the connection is closed, before or after the request takes effect
//!   "delay": "500ms", "afterEffect"?   the request takes effect late, or its answer comes late
//!   "drip": "2s"                       the answer never ends: after its head one blank at a time, with this pause before
//!                                      each; an item of a batch cannot drip
//!   "dropTargets": ["groupAssignmentTarget/<id>", "allDevicesAssignmentTarget"], "addTargets": [{target}]
//!                                      assign stores and answers fewer rows, or more; both may stand in one rule
//!   "stale": n, "answer"?: "old"       after this assign, n reads show the rows from before it; so does its
//!                                      own answer if it shall be old
//!   "hide": n                          a policy is not visible yet: 404 for n calls to it; after a create, to
//!                                      the new policy
//!   "hideGroups": ["<id>"]             getByIds, and GET of the group, do not know these groups
//!   "item": "missing" | "repeated" }   an item of a batch is missing among its responses, or there twice
//! ```
//!
//! `path` and `query` are parts of the decoded path (version root included, either form of a key) and of the
//! decoded query, in any case. A rule meets the envelope of a batch only if its `path` contains `$batch`, and a
//! request for a token only if it contains `oauth2` or `msi/token`; of those it can be a status, a cut or a delay, and
//! `code` and `message` are then `error` and `error_description`. Rules
//! are tried in their order; the first that fits, whose effect can apply to the call and which has no more calls
//! to `skip`, wins. Requests that are refused before they reach an address (no good token, no permission, over an enforced limit) meet
//! none. A read is one GET, so each page of a listing counts. A cut of an item cuts the whole batch, after all
//! of its items were served.

mod apply;
mod failure;
mod read;
mod rule;
mod shadows;

use std::sync::Arc;

use serde_json::{Value, json};

pub use apply::with_fault;
pub use failure::Failure;
pub use read::{duration, rules};
pub use rule::{Effect, Rewrite, Rule, Subject};
pub use shadows::Shadows;

/// The rules that have calls left.
#[derive(Debug, Default)]
pub struct Faults {
    added: usize,
    rules: Vec<Pending>,
}

/// A rule and what is left of it.
#[derive(Debug)]
struct Pending {
    number: usize,
    rule: Rule,
}

/// A fault that a call has met.
#[derive(Clone, Debug)]
pub struct Fault {
    /// The rule's name, or its number.
    pub label: String,
    /// What happens to the call.
    pub effect: Arc<Effect>,
}

impl Faults {
    /// Puts rules behind those that are there.
    pub fn add(&mut self, rules: Vec<Rule>) {
        for rule in rules {
            self.rules.push(Pending { number: self.added, rule });
            self.added += 1;
        }
    }

    /// Whether no rule has a call left.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// The fault that a call meets, which is then used up for one call.
    pub fn meet(&mut self, subject: &Subject<'_>) -> Option<Fault> {
        let winner = self.rules.iter_mut().position(|pending| pending.rule.meets(subject))?;
        let pending = self.rules.get_mut(winner)?;
        let label = pending.rule.name.clone().unwrap_or_else(|| pending.number.to_string());
        let fault = Fault { label, effect: Arc::clone(&pending.rule.effect) };
        if pending.rule.use_up() {
            self.rules.remove(winner);
        }
        Some(fault)
    }

    /// What is left: each rule as it was sent, with its number, the calls left (null without end) and those
    /// that it still skips.
    pub fn list(&self) -> Value {
        let shown = |pending: &Pending| {
            let rule = &pending.rule;
            json!({"number": pending.number, "left": rule.left, "skip": rule.skip, "rule": rule.document})
        };
        self.rules.iter().map(shown).collect()
    }
}
