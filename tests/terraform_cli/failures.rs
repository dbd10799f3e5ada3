//! Writes that fail: nothing is emptied, and the next plan goes on from there. Creates that fail after their write are
//! in `promise/`.

use serde_json::{Value, json};

use super::stage::{Stage, assignment_with, set};
use crate::support::target::Target;
use crate::support::tenant::{KIOSKS, LAPTOPS, POLICY, WORKSTATIONS};

/// What an update begins with.
fn found() -> [Target; 1] {
    [Target::group(WORKSTATIONS)]
}

fn wanted() -> [Target; 3] {
    [Target::group(WORKSTATIONS), Target::group(LAPTOPS), Target::exclusion(KIOSKS)]
}

fn assign(effect: &Value) -> Value {
    let mut rule = effect.clone();
    rule["match"] = json!({"method": "POST", "path": "/assign"});
    rule["times"] = Value::Null;
    rule
}

pub fn a_create_with_a_group_that_is_missing() {
    let stage = Stage::new();
    stage.configure(&assignment_with(POLICY, &set(&wanted()), "timeouts {\n create = \"3s\"\n}"));
    stage.emulator.fault(&json!({"hideGroups": [LAPTOPS], "times": null}));
    stage.folder.apply().fails_with(&["Group", LAPTOPS, "does not exist"]);
    assert_eq!(stage.folder.run(&["state", "list"]).succeeds().stdout, "", "nothing is tainted");
    assert_eq!(stage.emulator.assign_calls(), 0);
    stage.emulator.no_more_faults();
    assert_eq!(stage.plan().only_change().actions(), ["create"]);
    stage.folder.run(&["apply", "saved.tfplan"]).succeeds();
    stage.emulator.must_hold(POLICY, &wanted());
    stage.plan().must_be_empty();
}

pub fn an_update_that_is_refused_is_planned_again() {
    let stage = Stage::new();
    stage.apply_assigned(&found());
    stage.emulator.fault(&assign(&json!({"status": 403})));
    stage.assign(&wanted());
    let before = stage.state();
    stage.folder.apply().fails_with(&["permission is missing", "Nothing was written"]);
    assert_eq!(stage.state(), before);
    stage.emulator.must_hold(POLICY, &found());
    stage.emulator.no_more_faults();
    stage.plan().only_change().must_swap(&[], &wanted()[1..]);
    stage.folder.apply().succeeds();
    stage.emulator.must_hold(POLICY, &wanted());
    stage.state_must_equal_tenant();
}

pub fn a_destroy_that_is_refused_keeps_the_state() {
    let stage = Stage::new();
    stage.apply_assigned(&wanted());
    let before = stage.state();
    stage.emulator.fault(&assign(&json!({"status": 403})));
    stage.folder.destroy().fails_with(&["permission is missing"]);
    assert_eq!(stage.state(), before);
    stage.emulator.must_hold(POLICY, &wanted());
    stage.emulator.no_more_faults();
    stage.folder.destroy().succeeds();
    stage.emulator.must_hold(POLICY, &[]);
}

pub fn a_throttled_and_a_lost_write_succeed_in_one_apply() {
    let stage = Stage::new();
    let mut throttled = assign(&json!({"status": 429, "retryAfter": "1"}));
    let mut lost = assign(&json!({"cut": "after"}));
    (throttled["times"], lost["times"]) = (json!(1), json!(1));
    stage.emulator.fault(&json!([throttled, lost]));
    stage.apply_assigned(&wanted());
    stage.emulator.must_hold(POLICY, &wanted());
    stage.state_must_equal_tenant();
}
