//! A policy whose resource is moved, taken out or doubled, or moves to another policy: it stays assigned unless its
//! configuration says otherwise. What is refused for the promise's sake is in `promise/`.

use super::guards::must_refuse;
use super::stage::{ADDRESS, Stage, assignment, assignment_with, set};
use crate::support::target::Target;
use crate::support::tenant::{COMPANY_OWNED, KIOSKS, LAPTOPS, OTHER_POLICY, POLICY, Tenant, WORKSTATIONS};

const APPLY: &[&str] = &["apply", "-auto-approve"];
const MANAGED_ELSEWHERE: &str = "stays assigned: it is now managed at another address";
const MANAGED_TWICE: &str = "is managed more than once";
const CREATE_FIRST: &str = "  lifecycle {\n    create_before_destroy = true\n  }";

pub fn a_moved_key_is_not_touched() {
    let stage = Stage::new();
    stage.configure(&keyed("old", &targets(), ""));
    stage.folder.run(APPLY).succeeds();
    let moved = "moved {\n  from = defender_atp_assignment.this[\"old\"]\n  to   = defender_atp_assignment.this[\"new\"]\n}\n";
    stage.configure(&format!("{moved}{}", keyed("new", &targets(), "")));
    let written = stage.emulator.assign_calls();
    let finished = stage.folder.run(APPLY);
    finished.succeeds().says(&["has moved to", "0 added, 0 changed, 0 destroyed"]);
    assert_eq!(stage.emulator.assign_calls(), written);
    only_at(&stage, "defender_atp_assignment.this[\"new\"]");
}

pub fn a_removed_block_leaves_the_policy_assigned() {
    let stage = Stage::new();
    stage.apply_assigned(&targets());
    let written = stage.emulator.assign_calls();
    stage.configure(&format!(
        "removed {{\n  from = {ADDRESS}\n  lifecycle {{\n    destroy = false\n  }}\n}}\n"
    ));
    stage.folder.run(APPLY).succeeds().says(&["0 destroyed"]);
    assert_eq!(stage.emulator.assign_calls(), written);
    stage.emulator.must_hold(POLICY, &targets());
    assert!(stage.state().is_null());
}

pub fn skip_destroy_leaves_the_policy_assigned_and_says_so_twice() {
    let stage = Stage::new();
    stage.apply_assigned(&targets());
    let written = stage.emulator.assign_calls();
    stage.configure(&assignment_with(POLICY, &set(&targets()), "  skip_destroy = true"));
    let plan = stage.plan();
    plan.only_change().must_swap(&[], &[]);
    assert!(!plan.only_change().is_unknown("assignment_ids"), "a switch changes nothing else");
    stage.folder.run(&["apply", "saved.tfplan"]).succeeds();
    stage.plan().must_be_empty();
    stage.configure("");
    let plan = stage.plan();
    assert_eq!(plan.only_change().actions(), ["delete"]);
    let saved = stage.folder.run(&["apply", "saved.tfplan"]);
    for finished in [&plan.finished, saved.succeeds()] {
        finished.says(&[&format!("Policy {POLICY} stays assigned"), "skip_destroy is set"]);
    }
    assert_eq!(stage.emulator.assign_calls(), written, "neither the switch nor the destroy writes");
    stage.emulator.must_hold(POLICY, &targets());
    assert!(stage.state().is_null());
}

pub fn skip_destroy_that_was_never_applied_has_no_effect() {
    let stage = Stage::new();
    stage.apply_assigned(&targets());
    stage.configure(&assignment_with(POLICY, &set(&targets()), "  skip_destroy = true"));
    stage.plan().finished.exits_with(2);
    stage.configure("");
    let finished = stage.folder.run(APPLY);
    assert!(!finished.succeeds().messages().contains("stays assigned"));
    stage.emulator.must_hold(POLICY, &[]);
}

pub fn two_resources_with_one_policy_are_warned_about() {
    let stage = Stage::new();
    stage.apply_assigned(&targets());
    let second = assignment(POLICY, &targets()).replace("\"this\"", "\"second\"");
    stage.configure(&format!("{}{second}", assignment(POLICY, &targets())));
    stage.folder.run(&["import", "defender_atp_assignment.second", POLICY]).succeeds();
    let plan = stage.plan();
    plan.must_be_empty();
    let messages = plan.finished.messages();
    assert_eq!(messages.matches(&format!("Policy {POLICY} {MANAGED_TWICE}")).count(), 1, "{messages}");
    // The way out that the warning names.
    let removed =
        "removed {\n  from = defender_atp_assignment.second\n  lifecycle {\n    destroy = false\n  }\n}\n";
    stage.configure(&format!("{}{removed}", assignment(POLICY, &targets())));
    stage.folder.run(APPLY).succeeds();
    stage.emulator.must_hold(POLICY, &targets());
    assert!(!stage.plan().finished.messages().contains(MANAGED_TWICE));
}

pub fn one_resource_for_each_policy_is_not_warned_about() {
    let stage = two_policies();
    let second = assignment(OTHER_POLICY, &targets()).replace("\"this\"", "\"second\"");
    stage.configure(&format!("{}{second}", assignment(POLICY, &targets())));
    for command in [APPLY, &["plan"], APPLY, &["destroy", "-auto-approve"]] {
        let messages = stage.folder.run(command).succeeds().messages();
        assert!(!messages.contains(MANAGED_TWICE) && !messages.contains(MANAGED_ELSEWHERE), "{messages}");
    }
    stage.emulator.must_hold(POLICY, &[]);
    stage.emulator.must_hold(OTHER_POLICY, &[]);
}

pub fn moving_to_another_policy_assigns_the_new_one_first() {
    let stage = two_policies();
    stage.configure(&assignment_with(POLICY, &set(&targets()), CREATE_FIRST));
    stage.folder.run(APPLY).succeeds();
    stage.configure(&assignment_with(OTHER_POLICY, &set(&targets()), CREATE_FIRST));
    let before = assigned_policies(&stage).len();
    let plan = stage.plan();
    assert_eq!(plan.only_change().actions(), ["create", "delete"]);
    let finished = stage.folder.run(&["apply", "saved.tfplan"]);
    assert!(!finished.succeeds().messages().contains(MANAGED_ELSEWHERE), "another policy is another matter");
    // One write each, the new policy first: it is never empty again.
    assert_eq!(assigned_policies(&stage)[before..], [OTHER_POLICY, POLICY]);
    stage.emulator.must_hold(OTHER_POLICY, &targets());
    stage.emulator.must_hold(POLICY, &[]);
    stage.plan().must_be_empty();
}

pub fn moving_to_a_policy_of_somebody_else_is_refused_and_leaves_both() {
    let stage = two_policies();
    stage.configure(&assignment_with(POLICY, &set(&targets()), CREATE_FIRST));
    stage.folder.run(APPLY).succeeds();
    let foreign = [Target::all_users()];
    stage.emulator.assign_in_portal(OTHER_POLICY, &foreign);
    let moving =
        |more: &str| assignment_with(OTHER_POLICY, &set(&targets()), &format!("{more}{CREATE_FIRST}"));
    stage.configure(&moving(""));
    must_refuse(&stage, APPLY, &[OTHER_POLICY, "- allLicensedUsersAssignmentTarget"]);
    stage.emulator.must_hold(OTHER_POLICY, &foreign);
    stage.configure(&moving("  overwrite_existing = true\n"));
    stage.folder.run(APPLY).succeeds();
    stage.emulator.must_hold(OTHER_POLICY, &targets());
    stage.emulator.must_hold(POLICY, &[]);
    stage.plan().must_be_empty();
}

pub fn moving_to_another_policy_with_skip_destroy_leaves_both_assigned() {
    let stage = two_policies();
    let kept = "  skip_destroy = true";
    stage.configure(&assignment_with(POLICY, &set(&targets()), kept));
    stage.folder.run(APPLY).succeeds();
    stage.configure(&assignment_with(OTHER_POLICY, &set(&targets()), kept));
    stage
        .folder
        .run(APPLY)
        .succeeds()
        .says(&[&format!("Policy {POLICY} stays assigned"), "skip_destroy is set"]);
    stage.emulator.must_hold(POLICY, &targets());
    stage.emulator.must_hold(OTHER_POLICY, &targets());
    stage.plan().must_be_empty();
}

fn targets() -> [Target; 3] {
    [Target::group(WORKSTATIONS).including(COMPANY_OWNED), Target::group(LAPTOPS), Target::exclusion(KIOSKS)]
}

fn two_policies() -> Stage {
    Stage::with_tenant(&Tenant::default().with_policy(OTHER_POLICY))
}

/// `POLICY` as the only instance of a `for_each`.
fn keyed(key: &str, targets: &[Target], more: &str) -> String {
    let more = format!("  for_each = toset([{key:?}])\n{more}");
    assignment_with(POLICY, &set(targets), &more)
}

/// The policies in the order in which they were written.
fn assigned_policies(stage: &Stage) -> Vec<String> {
    let calls = stage.emulator.calls();
    let written = calls.iter().filter_map(|call| call.strip_suffix("/assign"));
    written.filter_map(|path| path.rsplit('/').next()).map(str::to_owned).collect()
}

/// Fails unless all is well at this address and there is no other in the state.
fn only_at(stage: &Stage, address: &str) {
    stage.emulator.must_hold(POLICY, &targets());
    let listed = stage.folder.run(&["state", "list"]);
    let ours: Vec<_> =
        listed.succeeds().stdout.lines().filter(|line| line.starts_with("defender_")).collect();
    assert_eq!(ours, [address]);
    assert_eq!(stage.folder.state(address)["id"], POLICY);
    let plan = stage.plan();
    plan.must_be_empty();
    assert!(!plan.finished.messages().contains(MANAGED_TWICE));
}
