//! The model of the tenant and of Terraform's states: sets of assignments, and which write may replace which. Sends
//! nothing.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use crate::target::{Target, element_of_row};

/// Assignments in canonical spelling.
pub type Set = BTreeSet<String>;

/// The assignments of a policy or of a state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    pub direct: Set,
    pub inherited: Set,
    /// Graph's ids of the direct assignments.
    pub ids: BTreeSet<String>,
}

/// A write, for the rules.
#[derive(Debug, Clone)]
pub struct Wish {
    pub verb: Verb,
    /// The set of the plan; empty before a create.
    pub prior: Set,
    /// The planned set; empty for a delete.
    pub wanted: Set,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    Create {
        overwrites: bool,
    },
    Update,
    /// By the same policy: one update in two legs.
    Replace,
    Delete,
}

impl Picture {
    /// From the rows of the tenant.
    pub fn of_rows(rows: &[Json]) -> Self {
        let (direct, inherited): (Vec<&Json>, Vec<&Json>) =
            rows.iter().partition(|row| row["source"] == "direct");
        Self {
            direct: direct.iter().map(|row| spelled(&element_of_row(row))).collect(),
            inherited: inherited.iter().map(|row| spelled(&inherited_element(row))).collect(),
            ids: direct.iter().map(|row| spelled(&row["id"])).collect(),
        }
    }

    /// From a whole state.
    pub fn of_state(state: &Json) -> Self {
        let elements = |name: &str| state[name].as_array().into_iter().flatten().map(spelled).collect();
        let ids = state["assignment_ids"].as_object().into_iter().flatten();
        Self {
            direct: elements("assignments"),
            inherited: elements("inherited_assignments"),
            ids: ids.map(|(_, id)| spelled(id)).collect(),
        }
    }

    pub fn has_unknown_kinds(&self) -> bool {
        has_unknown_kinds(&self.direct)
    }
}

impl Wish {
    /// Whether this write may replace what the policy has.
    pub fn may_replace(&self, live: &Set) -> bool {
        match self.verb {
            Verb::Create { overwrites } => live.is_empty() || (overwrites && *live != self.wanted),
            Verb::Update | Verb::Replace | Verb::Delete => {
                *live == self.wanted || (!has_unknown_kinds(live) && *live == self.prior)
            }
        }
    }

    /// Whether Terraform marks the state that a failure leaves as tainted.
    pub fn taints(&self) -> bool {
        matches!(self.verb, Verb::Create { .. } | Verb::Replace)
    }
}

pub fn set_of(targets: &[Target]) -> Set {
    targets.iter().map(|target| spelled(&target.element())).collect()
}

/// A kind of target that this version of the provider does not know.
pub const UNKNOWN_KIND: &str = "organizationalUnitAssignmentTarget";

fn has_unknown_kinds(set: &Set) -> bool {
    set.iter().any(|element| element.contains(&UNKNOWN_KIND.to_lowercase()))
}

fn inherited_element(row: &Json) -> Json {
    let mut element = element_of_row(row);
    element["source"] = row["source"].clone();
    element["source_id"] = row["sourceId"].clone();
    element
}

/// Ignores case: no two kinds or ids of this model differ only in case.
fn spelled(value: &Json) -> String {
    value.to_string().to_lowercase()
}
