//! A plan: its exit code and text, and the changes in its JSON form (Terraform documentation, JSON Output Format).

use serde_json::Value;

use super::command::Finished;
use super::target::{Target, sorted};

/// A saved plan, created with `-detailed-exitcode`.
pub struct Plan {
    pub finished: Finished,
    pub json: Value,
}

/// One changed resource of a plan.
pub struct Change<'a>(&'a Value);

impl Plan {
    pub fn must_be_empty(&self) {
        self.finished.exits_with(0);
        let changed: Vec<_> = self.changes().map(|change| change.0.to_string()).collect();
        assert!(changed.is_empty(), "nothing should change, but: {changed:#?}");
    }

    /// The only resource that the plan changes.
    pub fn only_change(&self) -> Change<'_> {
        self.finished.exits_with(2);
        let changes: Vec<_> = self.changes().collect();
        let [change] = <[_; 1]>::try_from(changes).unwrap_or_else(|all| {
            panic!("one change expected, found {}:\n{}", all.len(), self.finished.stdout)
        });
        change
    }

    /// All resources that the plan changes.
    pub fn changes(&self) -> impl Iterator<Item = Change<'_>> {
        let all = self.json["resource_changes"].as_array().into_iter().flatten();
        all.map(Change).filter(|change| change.actions() != ["no-op"])
    }
}

impl Change<'_> {
    pub fn actions(&self) -> Vec<&str> {
        self.0["change"]["actions"].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
    }

    /// An attribute of the prior state.
    #[allow(dead_code, reason = "for the scenarios of policies")]
    pub fn before(&self, attribute: &str) -> &Value {
        &self.0["change"]["before"][attribute]
    }

    /// A planned attribute; null if it is unknown.
    pub fn after(&self, attribute: &str) -> &Value {
        &self.0["change"]["after"][attribute]
    }

    /// Whether the whole attribute is unknown until apply.
    pub fn is_unknown(&self, attribute: &str) -> bool {
        self.0["change"]["after_unknown"][attribute] == Value::Bool(true)
    }

    /// Fails unless this is an update that removes and adds exactly these elements of the set.
    pub fn must_swap(&self, leaving: &[Target], entering: &[Target]) {
        assert_eq!(self.actions(), ["update"]);
        let (before, after) = (self.elements("before"), self.elements("after"));
        let only = |these: &[Value], those: &[Value]| {
            sorted(these.iter().filter(|element| !those.contains(element)).cloned())
        };
        assert_eq!(only(&before, &after), sorted(leaving.iter().map(Target::element)), "elements that leave");
        assert_eq!(
            only(&after, &before),
            sorted(entering.iter().map(Target::element)),
            "elements that enter"
        );
    }

    /// All attributes, `before` or `after`.
    pub fn side(&self, side: &str) -> &Value {
        &self.0["change"][side]
    }

    fn elements(&self, side: &str) -> Vec<Value> {
        self.side(side)["assignments"].as_array().cloned().unwrap_or_default()
    }
}
