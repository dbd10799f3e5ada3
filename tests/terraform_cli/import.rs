//! Taking over what is assigned already: every way of import ends in an empty plan.

use super::stage::{ADDRESS, Stage, assignment};
use crate::support::kind::OTHER_TYPE;
use crate::support::target::Target;
use crate::support::tenant::{BASELINE, COMPANY_OWNED, KIOSKS, OTHER_POLICY, POLICY, Tenant, WORKSTATIONS};

pub fn by_id() {
    let stage = assigned();
    stage.assign(&targets());
    stage.folder.run(&["import", ADDRESS, POLICY]).succeeds();
    stage.state_must_equal_tenant();
    stage.plan().must_be_empty();
    assert_eq!(stage.emulator.assign_calls(), 0, "an import only looks");
}

pub fn by_block() {
    let stage = assigned();
    stage.configure(&format!("{}{}", import_block(POLICY), assignment(POLICY, &targets())));
    let plan = stage.plan();
    // With -detailed-exitcode an import alone counts as something to apply.
    plan.finished.exits_with(2);
    assert!(plan.finished.stdout.contains("1 to import, 0 to add, 0 to change, 0 to destroy"));
    stage.folder.run(&["apply", "saved.tfplan"]).succeeds();
    stage.state_must_equal_tenant();
    stage.plan().must_be_empty();
    assert_eq!(stage.emulator.assign_calls(), 0, "an import only looks");
}

pub fn by_generated_configuration() {
    let stage = assigned();
    stage.configure(&import_block(POLICY));
    let plan = stage.folder.plan_with(&["-generate-config-out=generated.tf"]);
    plan.finished.exits_with(2);
    assert!(plan.finished.stdout.contains("1 to import, 0 to add, 0 to change, 0 to destroy"));
    stage.folder.apply().succeeds();
    stage.plan().must_be_empty();
    assert!(stage.folder.read("generated.tf").contains(WORKSTATIONS));
}

pub fn of_a_missing_policy_is_refused() {
    let stage = assigned();
    stage.configure(&assignment(OTHER_POLICY, &targets()));
    stage.folder.run(&["import", ADDRESS, OTHER_POLICY]).fails_with(&[OTHER_POLICY]);
    assert!(stage.state().is_null());
}

pub fn of_a_policy_of_another_type_is_refused() {
    let stage = Stage::with_tenant(&Tenant::default().with_baseline());
    stage.configure(&assignment(BASELINE, &targets()));
    stage.folder.run(&["import", ADDRESS, BASELINE]).fails_with(&[BASELINE, OTHER_TYPE]);
    assert!(stage.state().is_null());
}

fn targets() -> [Target; 2] {
    [Target::group(WORKSTATIONS).including(COMPANY_OWNED), Target::exclusion(KIOSKS)]
}

fn assigned() -> Stage {
    Stage::with_tenant(&Tenant::default().assigned_to(&targets()))
}

fn import_block(policy: &str) -> String {
    format!("import {{\n  to = {ADDRESS}\n  id = {policy:?}\n}}\n")
}
