//! What the guides tell readers to copy: the module with its tests, and the script that looks for drift.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::stage::{Stage, assignment};
use crate::support::command::{Finished, Running};
use crate::support::emulator::Emulator;
use crate::support::target::Target;
use crate::support::tenant::{KIOSKS, LAPTOPS, POLICY, WORKSTATIONS};
use crate::support::terraform;

/// The policy of `examples/offline-testing/tenant.json`.
const POLICY_OF_THE_MODULE: &str = "2c9d4e71-86fa-4b03-9e5d-1a7c3f0b8d62";

pub fn the_offline_module_passes_its_tests() {
    let stage = offline_module();
    let tested = stage.folder.run(&["test"]);
    assert!(tested.succeeds().stdout.contains("Success! 6 passed, 0 failed."), "{}", tested.stdout);
    // One create, one update, one destroy: the runs were about the emulator, and cleaned it up.
    assert_eq!(stage.emulator.assign_calls(), 3);
    assert_eq!(stage.emulator.rows(POLICY_OF_THE_MODULE).len(), 1, "the policy set's row stays");
    stage.emulator.must_hold(POLICY_OF_THE_MODULE, &[]);
}

pub fn the_tests_of_the_offline_module_notice_a_mistake() {
    let stage = offline_module();
    let module = stage.folder.read("main.tf");
    stage.folder.write("main.tf", &module.replace("exclusionGroupAssignmentTarget", "groupAssignmentTarget"));
    let tested = stage.folder.run(&["test"]);
    tested.fails_with(&["Graph should have an assignment for each group.", "The group should be excluded."]);
    stage.emulator.must_hold(POLICY_OF_THE_MODULE, &[]);
}

pub fn the_drift_script_tells_drift_from_changes_and_failures() {
    let mut stage = Stage::new();
    let assigned = [Target::group(WORKSTATIONS), Target::exclusion(KIOSKS)];
    stage.apply_assigned(&assigned);
    says(&drift(&stage), 0, "No drift");

    stage.emulator.assign_in_portal(POLICY, &[Target::group(WORKSTATIONS)]);
    says(&drift(&stage), 2, "Drift");
    stage.emulator.assign_in_portal(POLICY, &assigned);

    stage.configure(&assignment(POLICY, &[Target::group(LAPTOPS)]));
    says(&drift(&stage), 2, "Not applied");

    stage.folder.unset("DEFENDER_ACCESS_TOKEN");
    says(&drift(&stage), 1, "Not known");
    stage.emulator.must_hold(POLICY, &assigned);
}

/// The module of the guide, with an emulator of its tenant.
fn offline_module() -> Stage {
    let example = examples().join("offline-testing");
    let emulator = Emulator::start_from_file(&example.join("tenant.json"), &[]);
    let stage = Stage::with_emulator(emulator);
    copy(&example, &stage.folder.path());
    stage
}

fn drift(stage: &Stage) -> Finished {
    let mut command = Command::new("sh");
    command.arg(examples().join("drift-detection/drift.sh")).current_dir(stage.folder.path());
    stage.folder.isolate(&mut command);
    command.env("TERRAFORM", terraform::program().unwrap());
    Running::start(command).finish()
}

fn says(finished: &Finished, code: i32, text: &str) {
    let Finished { stdout, stderr, .. } = finished;
    let verdict = stdout.lines().last().unwrap_or_default();
    assert!(finished.code == Some(code) && verdict.starts_with(text), "{code}, {text}:\n{stdout}\n{stderr}");
}

pub fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples")
}

pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        // Left by somebody who has tried the example by hand.
        if entry.file_name().to_string_lossy().starts_with(".terraform") {
            continue;
        }
        if source.is_dir() {
            copy(&source, &target);
        } else {
            fs::copy(source, target).unwrap();
        }
    }
}
