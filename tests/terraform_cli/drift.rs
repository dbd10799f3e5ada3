//! Changes made behind Terraform's back: the plan shows exactly the target that differs, apply repairs it.

use super::stage::{ADDRESS, Stage};
use crate::support::target::Target;
use crate::support::tenant::{COMPANY_OWNED, KIOSKS, LAPTOPS, PERSONAL, POLICY, WORKSTATIONS};

pub fn an_added_target_is_shown_and_removed() {
    let assigned = [filtered(), Target::exclusion(KIOSKS)];
    let found = [filtered(), Target::exclusion(KIOSKS), Target::group(LAPTOPS)];
    shown_and_repaired(&assigned, &found, &[Target::group(LAPTOPS)], &[]);
}

pub fn a_removed_target_is_shown_and_restored() {
    let assigned = [filtered(), Target::exclusion(KIOSKS)];
    shown_and_repaired(&assigned, &[filtered()], &[], &[Target::exclusion(KIOSKS)]);
}

pub fn a_swapped_target_is_shown_and_repaired() {
    let assigned = [filtered(), Target::exclusion(KIOSKS)];
    let found = [filtered(), Target::group(LAPTOPS)];
    shown_and_repaired(&assigned, &found, &[Target::group(LAPTOPS)], &[Target::exclusion(KIOSKS)]);
}

pub fn a_changed_filter_is_shown_and_repaired() {
    let assigned = [filtered(), Target::exclusion(KIOSKS)];
    let excluded = Target::group(WORKSTATIONS).excluding(PERSONAL);
    let found = [excluded.clone(), Target::exclusion(KIOSKS)];
    shown_and_repaired(&assigned, &found, &[excluded], &[filtered()]);
    // A filter that is gone is drift too, though every group is still there.
    let found = [Target::group(WORKSTATIONS), Target::exclusion(KIOSKS)];
    shown_and_repaired(&assigned, &found, &[Target::group(WORKSTATIONS)], &[filtered()]);
}

pub fn a_policy_deleted_elsewhere_is_planned_again() {
    let stage = Stage::new();
    stage.apply_assigned(&[filtered()]);
    stage.emulator.delete_policy(POLICY);
    let plan = stage.plan();
    assert_eq!(plan.only_change().actions(), ["create"]);
    stage.folder.run(&["apply", "-refresh-only", "-auto-approve"]).succeeds();
    assert!(stage.state().is_null(), "{ADDRESS} should have left the state");
}

fn filtered() -> Target {
    Target::group(WORKSTATIONS).including(COMPANY_OWNED)
}

fn shown_and_repaired(assigned: &[Target], found: &[Target], leaving: &[Target], entering: &[Target]) {
    let stage = Stage::new();
    stage.apply_assigned(assigned);
    stage.emulator.assign_in_portal(POLICY, found);
    let plan = stage.plan();
    plan.only_change().must_swap(leaving, entering);
    // A plan only looks.
    stage.emulator.must_hold(POLICY, found);
    stage.folder.run(&["apply", "saved.tfplan"]).succeeds();
    stage.emulator.must_hold(POLICY, assigned);
    stage.plan().must_be_empty();
}
