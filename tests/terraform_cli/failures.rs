//! Writes that fail: nothing is tainted, nothing is emptied, and the next plan goes on from there.

use serde_json::{Value, json};

use super::stage::{Stage, assignment_with, set};
use crate::support::target::Target;
use crate::support::tenant::{KIOSKS, LAPTOPS, POLICY, Tenant, WORKSTATIONS};

/// Assigned before Terraform comes; a repair by replacing would empty it.
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

pub fn a_create_without_permission_to_write() {
    create_recovers(&assign(&json!({"status": 403})), &["permission is missing", "ReadWrite"], &found());
}

pub fn a_create_whose_target_is_dropped() {
    let drops = json!({"dropTargets": [format!("exclusionGroupAssignmentTarget/{KIOSKS}")]});
    create_recovers(&assign(&drops), &["Sent, and not there", KIOSKS], &wanted()[..2]);
}

pub fn a_create_with_a_group_that_is_missing() {
    let missing = json!({"hideGroups": [LAPTOPS], "times": null});
    create_recovers(&missing, &["Group", LAPTOPS, "does not exist"], &found());
}

pub fn an_update_that_is_refused_is_planned_again() {
    let stage = Stage::with_tenant(&Tenant::default());
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

/// Fails for the cause, leaves `left`, and succeeds once the cause is gone.
fn create_recovers(cause: &Value, texts: &[&str], left: &[Target]) {
    let stage = Stage::with_tenant(&Tenant::default().assigned_to(&found()));
    stage.configure(&assignment_with(POLICY, &set(&wanted()), "timeouts {\n create = \"3s\"\n}"));
    stage.emulator.fault(cause);
    stage.folder.apply().fails_with(texts);
    stage.emulator.must_hold(POLICY, left);
    assert_eq!(stage.folder.run(&["state", "list"]).succeeds().stdout, "", "nothing is tainted");

    stage.emulator.no_more_faults();
    assert_eq!(stage.plan().only_change().actions(), ["create"]);
    stage.emulator.must_hold(POLICY, left);
    let written = stage.emulator.assign_calls();
    stage.folder.run(&["apply", "saved.tfplan"]).succeeds();
    assert_eq!(stage.emulator.assign_calls(), written + 1, "one write: the policy was not emptied before");
    stage.emulator.must_hold(POLICY, &wanted());
    stage.plan().must_be_empty();
}
