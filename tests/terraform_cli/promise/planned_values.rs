//! What a plan shows of a change: the targets that enter or leave and their keys, nothing else. And an import that names
//! the policy by its identity.

use super::{APPLY, APPLY_SAVED, before};
use crate::scenarios::stage::{ADDRESS, Stage, assignment};
use crate::support::target::Target;
use crate::support::tenant::{KIOSKS, LAPTOPS, POLICY, POLICY_SET, Tenant, WORKSTATIONS};
use crate::support::terraform;

pub fn a_drift_plan_shows_the_targets_and_their_keys_alone() {
    let inherited = Target::group(LAPTOPS).inherited_row(POLICY_SET);
    let stage = Stage::with_tenant(&Tenant::default().with_rows(&[inherited]));
    stage.apply_assigned(&before());
    let kept = before()[0].clone();
    stage.emulator.assign_in_portal(POLICY, &[kept, Target::all_users()]);
    let plan = stage.plan();
    let change = plan.only_change();
    change.must_swap(&[Target::all_users()], &[Target::exclusion(KIOSKS)]);
    for attribute in ["id", "device_configuration_id", "inherited_assignments", "assignment_ids"] {
        assert!(!change.is_unknown(attribute), "{attribute} is known");
    }
    let kept_key = format!("groupAssignmentTarget/{WORKSTATIONS}");
    assert_eq!(change.after("assignment_ids")[kept_key], format!("{POLICY}_{WORKSTATIONS}"));
    assert_eq!(change.after("inherited_assignments").as_array().map(Vec::len), Some(1));
    let shown = &plan.finished.stdout;
    let entering = format!("+ \"exclusionGroupAssignmentTarget/{KIOSKS}\"");
    let leaving = "- \"allLicensedUsersAssignmentTarget\"";
    assert_eq!(marks(shown), ["+ {", &entering, "- {", leaving], "one element and its key on either side");
    assert_eq!(shown.matches("(known after apply)").count(), 1, "{shown}");
    assert!(!shown.contains("inherited_assignments"), "{shown}");
    stage.folder.run(APPLY_SAVED).succeeds();
    stage.emulator.must_hold(POLICY, &before());
    stage.state_must_equal_tenant();
    stage.plan().must_be_empty();
}

/// The elements and keys of collections that are marked as entering or leaving, sorted.
fn marks(shown: &str) -> Vec<String> {
    let lines = shown.lines().map(str::trim_start);
    let marked =
        lines.filter(|line| ["+ {", "- {", "+ \"", "- \""].iter().any(|mark| line.starts_with(mark)));
    let mut marks: Vec<String> =
        marked.map(|line| line.split(" = ").next().unwrap_or(line).trim_end().to_owned()).collect();
    marks.sort_by_key(|mark| (mark.starts_with('-'), mark.contains('"')));
    marks
}

pub fn an_import_by_identity_plans_nothing() {
    if !terraform::is_at_least(1, 12) {
        return;
    }
    let stage = Stage::with_tenant(&Tenant::default().assigned_to(&before()));
    let identity = format!("identity = {{\n    device_configuration_id = {POLICY:?}\n  }}");
    let import = format!("import {{\n  to = {ADDRESS}\n  {identity}\n}}\n");
    stage.configure(&format!("{import}{}", assignment(POLICY, &before())));
    stage.folder.run(APPLY).succeeds().says(&["1 imported, 0 added, 0 changed, 0 destroyed"]);
    stage.state_must_equal_tenant();
    assert_eq!(stage.emulator.assign_calls(), 0);
    stage.plan().must_be_empty();
}
