//! One policy at two addresses: removing either of them does not empty the policy.

use super::{APPLY, addresses, before, fewer};
use crate::scenarios::guards::must_refuse;
use crate::scenarios::stage::{ADDRESS, Stage, assignment, assignment_with, set};
use crate::support::target::Target;
use crate::support::tenant::{POLICY, WORKSTATIONS};

const SECOND: &str = "defender_atp_assignment.second";

pub fn a_renamed_key_is_an_error_at_plan_and_the_printed_moved_block_works() {
    for wanted in [before(), fewer()] {
        let stage = Stage::new();
        stage.configure(&keyed("old", &before()));
        stage.folder.run(APPLY).succeeds();
        stage.configure(&keyed("new", &wanted));
        let refused = must_refuse(&stage, &["plan"], &["moved {"]);
        must_refuse(&stage, APPLY, &["moved {"]);
        assert_eq!(addresses(&stage), [format!("{ADDRESS}[\"old\"]")]);

        let moved = refused.printed_block("moved");
        let moved = moved.replace("OLD_NAME", "this[\"old\"]").replace("NEW_NAME", "this[\"new\"]");
        stage.configure(&format!("{moved}{}", keyed("new", &wanted)));
        stage.folder.run(APPLY).succeeds().says(&["0 added", "0 destroyed"]);
        stage.emulator.must_hold(POLICY, &wanted);
        stage.emulator.must_never_have_emptied();
        assert_eq!(addresses(&stage), [format!("{ADDRESS}[\"new\"]")]);
        stage.plan().must_be_empty();
    }
}

/// `POLICY` as the only instance of a `for_each`.
fn keyed(key: &str, targets: &[Target]) -> String {
    assignment_with(POLICY, &set(targets), &format!("  for_each = toset([{key:?}])"))
}

pub fn one_of_two_resources_for_a_policy_is_not_destroyed() {
    let stage = Stage::new();
    stage.apply_assigned(&before());
    stage.configure(&format!("{}{}", assignment(POLICY, &before()), second(&before(), "")));
    stage.folder.run(&["import", SECOND, POLICY]).succeeds();
    for gone in [SECOND, ADDRESS] {
        let left = if gone == SECOND { assignment(POLICY, &before()) } else { second(&before(), "") };
        stage.configure(&left);
        for command in [&["plan"], APPLY] {
            must_refuse(&stage, command, &[POLICY]);
        }
        assert_eq!(addresses(&stage), [SECOND, ADDRESS]);
    }
    // The way out: the address goes, and the policy stays as it is.
    let removed = format!("removed {{\n  from = {SECOND}\n  lifecycle {{\n    destroy = false\n  }}\n}}\n");
    stage.configure(&format!("{}{removed}", assignment(POLICY, &before())));
    stage.folder.run(APPLY).succeeds();
    stage.emulator.must_hold(POLICY, &before());
    stage.emulator.must_never_have_emptied();
    assert_eq!(addresses(&stage), [ADDRESS]);
    stage.plan().must_be_empty();
}

pub fn the_second_of_two_creates_is_refused_though_it_may_overwrite() {
    let stage = Stage::new();
    let overwrites = "  overwrite_existing = true";
    let wanted = [before(), vec![Target::all_devices()]];
    let first = assignment_with(POLICY, &set(&wanted[0]), overwrites);
    stage.configure(&format!("{first}{}", second(&wanted[1], overwrites)));
    let applied = stage.folder.run(APPLY);
    applied.fails_with(&["another resource of this run"]);
    let text = applied.diagnostics();
    assert!(!text.contains("overwrite_existing"), "no advice to take it from the first:\n{text}");
    let kept = addresses(&stage);
    assert_eq!(kept.len(), 1, "{kept:?}");
    let targets = if kept == [ADDRESS] { &wanted[0] } else { &wanted[1] };
    stage.emulator.must_hold(POLICY, targets);
    assert_eq!(stage.emulator.assign_calls(), 1);
}

/// Another resource for `POLICY`.
fn second(targets: &[Target], more: &str) -> String {
    assignment_with(POLICY, &set(targets), more).replace("\"this\"", "\"second\"")
}

pub fn two_planned_creates_for_one_policy_are_warned_about() {
    let stage = Stage::new();
    let targets = [Target::group(WORKSTATIONS)];
    stage.configure(&format!("{}{}", assignment(POLICY, &targets), second(&targets, "")));
    let plan = stage.plan();
    plan.finished.exits_with(2).says(&[&format!("Warning: Policy {POLICY}")]);
    let refused = stage.folder.run(APPLY);
    refused.fails_with(&["another resource of this run"]);
    stage.emulator.must_hold(POLICY, &targets);
    assert_eq!(addresses(&stage).len(), 1);
}
