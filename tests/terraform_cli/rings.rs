//! The module of `examples/rings`, and what it does while the rings change.

use serde_json::json;

use super::guides::{copy, examples};
use super::stage::Stage;
use crate::support::command::Finished;
use crate::support::emulator::Emulator;
use crate::support::target::Target;
use crate::support::terraform;

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

/// The warning of the check.
const WATCHED: &str = "More devices than allowed report a problem.";

fn stage() -> Stage {
    let example = examples().join("rings");
    let stage = Stage::with_emulator(Emulator::start_from_file(&example.join("tenant.json"), &[]));
    copy(&example, &stage.folder.path());
    let rings = [("pilot", 0), ("headquarters", 1), ("branches", 2)].map(|(name, ring)| {
        json!({"name": name, "device_configuration_id": POLICIES[ring], "group_ids": [GROUPS[ring]]})
    });
    stage.folder.write("terraform.tfvars.json", &json!({ "rings": rings }).to_string());
    stage
}

fn apply(stage: &Stage, open: usize) -> Finished {
    stage.folder.run(&["apply", "-auto-approve", &format!("-var=open={open}")])
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
    must_hold(&stage, 2);
    // The second ring reports errors from the start.
    let before = stage.emulator.assign_calls();
    for _ in 0..2 {
        apply(&stage, 3).fails_with(&["The ring before branches is not healthy yet."]);
        assert_eq!(stage.emulator.assign_calls(), before, "nothing is written");
    }
    must_hold(&stage, 2);
    let watched = stage.folder.run(&["plan", "-var=open=2"]);
    assert!(watched.succeeds().stdout.contains(WATCHED), "{}", watched.stdout);

    stage.emulator.set_status(POLICIES[1], &json!({"successCount": 417, "configurationVersion": 1}));
    apply(&stage, 3).succeeds();
    must_hold(&stage, 3);

    stage.emulator.set_status(POLICIES[1], &json!({"failedCount": 417, "configurationVersion": 1}));
    let plan = stage.folder.run(&["plan", "-detailed-exitcode", "-var=open=3"]);
    assert!(plan.exits_with(0).stdout.contains(WATCHED), "{}", plan.stdout);
    apply(&stage, 3).succeeds();
    must_hold(&stage, 3);
}

pub fn the_module_of_rings_passes_its_tests() {
    if !terraform::has_test_command() {
        return;
    }
    let stage = stage();
    let tested = stage.folder.run(&["test"]);
    assert!(tested.succeeds().stdout.contains("Success! 7 passed, 0 failed."), "{}", tested.stdout);
    must_hold(&stage, 0);
}
