//! The module of `examples/rings`, and what it does while the rings change.

use serde_json::{Value, json};

use super::guides::{copy, examples};
use super::stage::Stage;
use crate::support::command::Finished;
use crate::support::emulator::Emulator;
use crate::support::target::Target;
use crate::support::terraform;

const NAMES: [&str; 3] = ["pilot", "headquarters", "branches"];
const POLICIES: [&str; 3] = [
    "4e1c7a90-3b5d-4f28-9c61-7d2e0a8b5f01",
    "4e1c7a90-3b5d-4f28-9c61-7d2e0a8b5f02",
    "4e1c7a90-3b5d-4f28-9c61-7d2e0a8b5f03",
];
const GROUPS: [&str; 3] = [
    "91d3f5a7-2c4e-4b68-8a90-1e3c5d7f9b01",
    "91d3f5a7-2c4e-4b68-8a90-1e3c5d7f9b02",
    "91d3f5a7-2c4e-4b68-8a90-1e3c5d7f9b03",
];

/// The refusals of the second and the third ring.
const SECOND_WAITS: &str = "The ring before headquarters is not healthy yet.";
const THIRD_WAITS: &str = "The ring before branches is not healthy yet.";

/// The warnings of the checks.
const FAILURES: &str = "More devices than allowed report a problem.";
const CONFLICTS: &str = "Policies conflict on some devices: Onboarding, old and Onboarding, ring 2.";

fn stage() -> Stage {
    let example = examples().join("rings");
    let stage = Stage::with_emulator(Emulator::start_from_file(&example.join("tenant.json"), &[]));
    copy(&example, &stage.folder.path());
    stage
}

/// A tenant in which this many rings have been opened one after the other.
fn stage_with_open(open: usize) -> Stage {
    let stage = stage();
    stage.emulator.set_status(POLICIES[1], &healthy());
    for ring in 1..=open {
        apply(&stage, ring).succeeds();
    }
    must_hold(&stage, open);
    stage
}

/// Lists these rings, in this order, in place of those of the example.
fn reorder(stage: &Stage, order: &[usize]) {
    let ring = |&ring: &usize| json!({"name": NAMES[ring], "device_configuration_id": POLICIES[ring], "group_ids": [GROUPS[ring]]});
    let rings: Vec<_> = order.iter().map(ring).collect();
    stage.folder.write("terraform.tfvars.json", &json!({ "rings": rings }).to_string());
}

fn healthy() -> Value {
    json!({"successCount": 417})
}

fn failing() -> Value {
    json!({"successCount": 400, "failedCount": 17})
}

fn run(stage: &Stage, command: &[&str], open: usize) -> Finished {
    stage.folder.run(&[command, &[&format!("-var=open={open}")]].concat())
}

fn apply(stage: &Stage, open: usize) -> Finished {
    run(stage, &["apply", "-auto-approve"], open)
}

/// Fails unless both a plan and two applies are refused with this text, and nothing is written.
fn must_be_refused(stage: &Stage, open: usize, text: &str) {
    let before = stage.emulator.assign_calls();
    run(stage, &["plan"], open).fails_with(&[text]);
    for _ in 0..2 {
        apply(stage, open).fails_with(&[text]);
    }
    assert_eq!(stage.emulator.assign_calls(), before, "nothing is written");
}

/// Fails unless the plan is empty and shows this warning.
fn must_only_warn(stage: &Stage, open: usize, text: &str) {
    run(stage, &["plan", "-detailed-exitcode"], open).succeeds().says(&[text]);
}

fn must_hold(stage: &Stage, open: usize) {
    for ring in 0..3 {
        let targets = [Target::group(GROUPS[ring])];
        stage.emulator.must_hold(POLICIES[ring], &targets[..usize::from(ring < open)]);
    }
}

pub fn a_failing_ring_stops_the_next_one_and_takes_nothing_away() {
    let stage = stage();
    apply(&stage, 1).succeeds();
    apply(&stage, 2).succeeds();
    // The second ring reports errors from the start.
    must_be_refused(&stage, 3, THIRD_WAITS);
    must_hold(&stage, 2);
    must_only_warn(&stage, 2, FAILURES);

    stage.emulator.set_status(POLICIES[1], &healthy());
    apply(&stage, 3).succeeds();
    must_hold(&stage, 3);

    stage.emulator.set_status(POLICIES[1], &failing());
    must_only_warn(&stage, 3, FAILURES);
    apply(&stage, 3).succeeds();
    must_hold(&stage, 3);
    stage.emulator.must_never_have_emptied();
}

/// In this tenant the first ring's policy counts devices before the ring has it, as after an earlier rollout.
pub fn a_ring_that_does_not_have_its_policy_yet_opens_no_other() {
    let stage = stage();
    must_be_refused(&stage, 2, SECOND_WAITS);
    must_be_refused(&stage, 3, THIRD_WAITS);
    must_hold(&stage, 0);
}

pub fn too_few_devices_and_counts_of_an_older_version_open_no_ring() {
    let stage = stage_with_open(2);
    for status in [json!({"successCount": 9}), json!({"successCount": 417, "configurationVersion": 0})] {
        stage.emulator.set_status(POLICIES[1], &status);
        must_be_refused(&stage, 3, THIRD_WAITS);
    }
    must_hold(&stage, 2);
}

pub fn a_conflict_of_a_ring_is_a_warning() {
    let stage = stage_with_open(2);
    let policy = |id: &str, name: &str| json!({"id": id, "displayName": name});
    stage.emulator.set_conflicts(&json!([{
        "conflictingDeviceConfigurations": [
            policy(&POLICIES[1].to_uppercase(), "Onboarding, ring 2"),
            policy("4e1c7a90-3b5d-4f28-9c61-7d2e0a8b5f09", "Onboarding, old"),
        ],
    }]));
    must_only_warn(&stage, 2, CONFLICTS);
    apply(&stage, 3).succeeds().says(&[CONFLICTS]);
    must_hold(&stage, 3);
}

pub fn a_ring_that_is_inserted_waits_and_the_way_out_takes_nothing_from_later_rings() {
    let stage = stage();
    reorder(&stage, &[0, 2]);
    apply(&stage, 1).succeeds();
    apply(&stage, 2).succeeds();
    stage.emulator.set_status(POLICIES[0], &failing());
    reorder(&stage, &[0, 1, 2]);
    must_be_refused(&stage, 3, SECOND_WAITS);
    apply(&stage, 3)
        .fails_with(&["Take headquarters out of rings for now, since later rings have their policies."]);

    reorder(&stage, &[0, 2]);
    must_only_warn(&stage, 2, FAILURES);
    stage.emulator.must_hold(POLICIES[2], &[Target::group(GROUPS[2])]);
}

pub fn a_closed_gate_stops_no_destroy() {
    let stage = stage_with_open(2);
    stage.emulator.set_status(POLICIES[1], &failing());
    run(&stage, &["destroy", "-auto-approve"], 3).succeeds();
    must_hold(&stage, 0);
}

/// A limit that the guide names.
pub fn a_saved_plan_keeps_the_counts_that_it_was_made_with() {
    let stage = stage_with_open(2);
    run(&stage, &["plan", "-out=saved.tfplan"], 3).succeeds();
    stage.emulator.set_status(POLICIES[1], &failing());
    stage.folder.run(&["apply", "saved.tfplan"]).succeeds();
    must_hold(&stage, 3);
}

pub fn the_module_of_rings_passes_its_tests() {
    if !terraform::has_test_command() {
        return;
    }
    let stage = stage();
    let tested = stage.folder.run(&["test"]);
    assert!(tested.succeeds().stdout.contains("Success! 13 passed, 0 failed."), "{}", tested.stdout);
    must_hold(&stage, 0);
}

/// The gate is always open, or counts of a ring without its policy are trusted.
pub fn the_tests_of_the_rings_notice_an_open_gate() {
    if !terraform::has_test_command() {
        return;
    }
    for part in ["local.is_healthy[each.value.before]", "local.has_policy[index],\n"] {
        let stage = stage();
        let module = stage.folder.read("main.tf");
        let replacement = part.replace(part.trim_end_matches([',', '\n']), "true");
        assert_eq!(module.matches(part).count(), 1, "{part}");
        stage.folder.write("main.tf", &module.replace(part, &replacement));
        stage.folder.run(&["test"]).fails_with(&["Missing expected failure"]);
    }
}
