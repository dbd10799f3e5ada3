//! Reads the changes to assignments in a saved plan from the output of `terraform show -json` (Terraform
//! documentation, JSON Output Format).

use serde_json::Value;

use crate::Outcome;

/// The only resource that a plan changes, with the groups that are removed and added.
pub struct Change {
    address: String,
    removed: Vec<String>,
    added: Vec<String>,
}

/// Returns the change. An error unless the plan changes exactly one resource.
pub fn only_change(plan: &Value) -> Outcome<Change> {
    let all = plan.get("resource_changes").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let changing: Vec<_> = all.iter().filter(|change| !is_no_op(change)).collect();
    let [change] = changing.as_slice() else {
        return Err(format!("the plan should change one resource, but changes {}", changing.len()).into());
    };
    let (before, after) = (elements(change, "before"), elements(change, "after"));
    Ok(Change {
        address: change.get("address").and_then(Value::as_str).unwrap_or_default().to_owned(),
        removed: groups_missing_from(&after, &before),
        added: groups_missing_from(&before, &after),
    })
}

impl Change {
    pub fn must_be(&self, address: &str, removed: &[&str], added: &[&str]) -> Outcome {
        if self.address == address && self.removed == removed && self.added == added {
            return Ok(());
        }
        let found = format!("{}: removes {:?}, adds {:?}", self.address, self.removed, self.added);
        Err(format!("the plan does not show the expected drift of {address}: {found}").into())
    }
}

fn is_no_op(change: &Value) -> bool {
    change.pointer("/change/actions/0").and_then(Value::as_str) == Some("no-op")
}

fn elements<'a>(change: &'a Value, side: &str) -> Vec<&'a Value> {
    let pointer = format!("/change/{side}/assignments");
    change
        .pointer(&pointer)
        .and_then(Value::as_array)
        .map(|elements| elements.iter().collect())
        .unwrap_or_default()
}

fn groups_missing_from(other: &[&Value], elements: &[&Value]) -> Vec<String> {
    let only = elements.iter().filter(|element| !other.contains(element));
    only.map(|element| element.get("group_id").and_then(Value::as_str).unwrap_or("no group").to_owned())
        .collect()
}
