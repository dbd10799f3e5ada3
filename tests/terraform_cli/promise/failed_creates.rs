//! Creates that fail, and the plain apply that follows: it heals without emptying the policy, or says how to adopt what
//! is there.

use serde_json::{Value, json};

use super::{APPLY, addresses, before, only_object_is};
use crate::scenarios::guards::must_refuse;
use crate::scenarios::mid_apply::{GatedStage, HeldApply, Operation};
use crate::scenarios::stage::{ADDRESS, Stage, assignment_with, elements, set};
use crate::support::gate::Place;
use crate::support::processes::signal;
use crate::support::target::{Target, sorted};
use crate::support::tenant::{KIOSKS, POLICY};

const BRIEF: &str = "  timeouts {\n    create = \"3s\"\n  }";

fn at_assign(effect: &Value) -> Value {
    let mut rule = effect.clone();
    rule["match"] = json!({"method": "POST", "path": "/assign"});
    rule["times"] = Value::Null;
    rule
}

/// A create that fails for this cause, and soon.
fn failed(causes: &Value, texts: &[&str]) -> Stage {
    let stage = Stage::new();
    stage.configure(&assignment_with(POLICY, &set(&before()), BRIEF));
    stage.emulator.fault(causes);
    stage.folder.run(APPLY).fails_with(texts);
    stage.emulator.no_more_faults();
    stage
}

/// A plain apply ends as configured, without a moment in which the policy was empty.
fn heals(stage: &Stage, wanted: &[Target]) {
    stage.folder.run(APPLY).succeeds();
    stage.emulator.must_hold(POLICY, wanted);
    stage.emulator.must_never_have_emptied();
    stage.state_must_equal_tenant();
    only_object_is(stage, ADDRESS);
    stage.plan().must_be_empty();
}

pub fn a_create_without_permission_leaves_nothing_and_the_next_goes_through() {
    let stage =
        failed(&at_assign(&json!({"status": 403})), &["permission is missing", "Nothing was written"]);
    assert_eq!(addresses(&stage), [""; 0]);
    stage.emulator.must_hold(POLICY, &[]);
    heals(&stage, &before());
}

pub fn a_create_whose_target_is_dropped_leaves_what_is_there_in_the_state() {
    let dropped = format!("exclusionGroupAssignmentTarget/{KIOSKS}");
    let stage = failed(&at_assign(&json!({"dropTargets": [dropped]})), &[KIOSKS]);
    stage.emulator.must_hold(POLICY, &before()[..1]);
    only_object_is(&stage, ADDRESS);
    stage.state_must_equal_tenant();
    heals(&stage, &before());
}

pub fn a_create_whose_answer_is_lost_and_whose_set_is_never_shown_leaves_the_planned_set_in_the_state() {
    let gated = GatedStage::new();
    let stage = &gated.stage;
    gated.configure(Operation::Create, BRIEF);
    let HeldApply { terraform, write, .. } = gated.hold_apply(Place::BeforeTheAnswer);
    stage.emulator.fault(&json!({"match": {"method": "GET"}, "times": null, "status": 500}));
    drop(write);
    terraform.finish().fails_with(&["not known whether"]);
    stage.emulator.no_more_faults();
    let wanted = Operation::Create.to();
    stage.emulator.must_hold(POLICY, &wanted);
    only_object_is(stage, ADDRESS);
    assert_eq!(elements(&stage.state(), "assignments"), sorted(wanted.iter().map(Target::element)));
    heals(stage, &wanted);
}

/// Terraform is gone before it has the answer: the state knows nothing of the policy.
pub fn a_create_that_was_killed_is_adopted_by_the_printed_import_block() {
    let gated = GatedStage::new();
    gated.configure(Operation::Create, "");
    let HeldApply { terraform, write, .. } = gated.hold_apply(Place::BeforeTheAnswer);
    signal("KILL", i64::from(terraform.process.id()));
    assert_eq!(terraform.finish().code, None);
    drop(write);
    gated.stage.folder.must_be_left_clean();
    gated.stage.emulator.must_hold(POLICY, &Operation::Create.to());

    must_refuse(&gated.stage, APPLY, &["import {"]);
    gated.must_adopt(Operation::Create);
    assert_eq!(gated.stage.emulator.assign_calls(), 1);
    gated.stage.plan().must_be_empty();
}
