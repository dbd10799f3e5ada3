//! What a saved plan is about to do to assignments, read from the JSON that `terraform show -json` prints ("JSON
//! Output Format", Terraform documentation). Knows nothing of the text that people see.

use serde_json::Value;

use crate::Outcome;

/// The one resource that a plan changes: its address, and the groups that leave and enter its set.
pub struct Change {
    address: String,
    leaving: Vec<String>,
    entering: Vec<String>,
}

/// An error if the plan touches no resource, or more than one.
pub fn only_change(plan: &Value) -> Outcome<Change> {
    let all = plan.get("resource_changes").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let changing: Vec<_> = all.iter().filter(|change| !is_no_op(change)).collect();
    let [change] = changing.as_slice() else {
        return Err(format!("the plan changes {} resources, and should change one", changing.len()).into());
    };
    let (before, after) = (elements(change, "before"), elements(change, "after"));
    Ok(Change {
        address: change.get("address").and_then(Value::as_str).unwrap_or_default().to_owned(),
        leaving: groups_missing_from(&after, &before),
        entering: groups_missing_from(&before, &after),
    })
}

impl Change {
    pub fn must_be(&self, address: &str, leaving: &[&str], entering: &[&str]) -> Outcome {
        if self.address == address && self.leaving == leaving && self.entering == entering {
            return Ok(());
        }
        let found = format!("{}: leaving {:?}, entering {:?}", self.address, self.leaving, self.entering);
        Err(format!("the plan shows another drift than {address}: {found}").into())
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
