//! A replacement for the same policy is one update: nothing is taken away between its two legs, and a leg that fails
//! leaves the set in force and in the state.

use serde_json::{Value, json};

use super::{
    APPLY, CREATE_FIRST, before, fewer, import_if_deposed, more, must_refuse_and_keep,
    must_refuse_and_keep_or_depose, only_object_is,
};
use crate::scenarios::stage::{ADDRESS, Stage, assignment, assignment_with, set};
use crate::support::target::Target;
use crate::support::tenant::POLICY;
use crate::support::terraform;

const REPLACE: [&str; 4] = ["apply", "-auto-approve", "-replace", ADDRESS];

/// What makes Terraform replace an object whose policy stays the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cause {
    Option,
    Taint,
    Trigger,
}

impl Cause {
    /// The configuration with these targets; `turn` counts replacements.
    fn configuration(self, targets: &[Target], turn: usize) -> String {
        if self != Self::Trigger {
            return assignment(POLICY, targets);
        }
        let trigger = format!("resource \"terraform_data\" \"trigger\" {{\n  input = {turn}\n}}\n");
        let lifecycle = "  lifecycle {\n    replace_triggered_by = [terraform_data.trigger]\n  }";
        format!("{trigger}{}", assignment_with(POLICY, &set(targets), lifecycle))
    }

    /// Configures what is to be replaced.
    fn prepare(self, stage: &Stage, targets: &[Target], turn: usize) {
        stage.configure(&self.configuration(targets, turn));
        if self == Self::Taint {
            stage.folder.run(&["taint", ADDRESS]).succeeds();
        }
    }

    fn apply(self) -> &'static [&'static str] {
        if self == Self::Option { &REPLACE } else { APPLY }
    }
}

fn applied(cause: Cause) -> Stage {
    let stage = Stage::new();
    stage.configure(&cause.configuration(&before(), 0));
    stage.folder.run(APPLY).succeeds();
    stage
}

fn is_in_force(stage: &Stage, targets: &[Target]) {
    stage.emulator.must_hold(POLICY, targets);
    stage.emulator.must_never_have_emptied();
    stage.state_must_equal_tenant();
    only_object_is(stage, ADDRESS);
    stage.plan().must_be_empty();
}

pub fn replace_takes_nothing_away_in_between() {
    replaces_without_a_gap(Cause::Option);
}

pub fn taint_takes_nothing_away_in_between() {
    replaces_without_a_gap(Cause::Taint);
}

pub fn replace_triggered_by_takes_nothing_away_in_between() {
    replaces_without_a_gap(Cause::Trigger);
}

/// With as many targets, with fewer, and with more.
fn replaces_without_a_gap(cause: Cause) {
    let stage = applied(cause);
    for (turn, wanted) in [before(), fewer(), more()].iter().enumerate() {
        cause.prepare(&stage, wanted, turn + 1);
        let finished = stage.folder.run(cause.apply());
        finished.succeeds().says(&["1 destroyed"]);
        is_in_force(&stage, wanted);
    }
}

pub fn a_replace_whose_write_is_refused_keeps_set_and_state() {
    refused_write_keeps_set_and_state(Cause::Option);
}

pub fn a_replace_triggered_by_whose_write_is_refused_keeps_set_and_state() {
    refused_write_keeps_set_and_state(Cause::Trigger);
}

/// Whichever write of the two legs it is that is refused; the next apply then heals what is left.
fn refused_write_keeps_set_and_state(cause: Cause) {
    for skip in [0, 1] {
        let stage = applied(cause);
        let before_it = stage.emulator.assign_calls();
        let refused = json!({"match": {"method": "POST", "path": "/assign", "skip": skip}, "status": 403});
        stage.emulator.fault(&with_any_times(refused));
        cause.prepare(&stage, &fewer(), 1);
        let finished = stage.folder.run(cause.apply());
        stage.emulator.no_more_faults();
        stage.emulator.must_never_have_emptied();
        only_object_is(&stage, ADDRESS);
        stage.state_must_equal_tenant();
        if skip == 0 {
            finished.fails_with(&["permission is missing"]);
            stage.emulator.must_hold(POLICY, &before());
            assert_eq!(stage.emulator.assign_calls(), before_it + 1, "refused once, and not sent again");
        }
        stage.folder.run(APPLY).succeeds();
        is_in_force(&stage, &fewer());
    }
}

pub fn a_replace_with_fewer_targets_is_not_misled_by_reads_that_lag_behind() {
    let stage = applied(Cause::Option);
    let lagging = json!({"match": {"method": "POST", "path": "/assign"}, "stale": 1});
    stage.emulator.fault(&with_any_times(lagging));
    stage.assign(&fewer());
    let finished = stage.folder.run(&REPLACE);
    stage.emulator.no_more_faults();
    finished.succeeds();
    is_in_force(&stage, &fewer());
}

/// Before Terraform 1.16 such a create looks like any other. It is refused, and everything is as it was.
pub fn create_first_is_refused_in_apply_and_a_plain_plan_goes_on() {
    if terraform::is_at_least(1, 16) {
        return;
    }
    for wanted in [before(), fewer(), more()] {
        let stage = Stage::new();
        let configuration = |targets: &[Target]| assignment_with(POLICY, &set(targets), CREATE_FIRST);
        stage.configure(&configuration(&before()));
        stage.folder.run(APPLY).succeeds();
        stage.configure(&configuration(&wanted));
        let advice = ["create_before_destroy", "-replace", "untaint"];
        must_refuse_and_keep_or_depose(&stage, &REPLACE, &advice);
        import_if_deposed(&stage, POLICY);
        stage.folder.run(APPLY).succeeds();
        is_in_force(&stage, &wanted);
    }
}

pub fn a_tainted_resource_that_is_created_first_is_refused_until_untainted() {
    if terraform::is_at_least(1, 16) {
        return;
    }
    let stage = Stage::new();
    stage.configure(&assignment_with(POLICY, &set(&before()), CREATE_FIRST));
    stage.folder.run(APPLY).succeeds();
    stage.folder.run(&["taint", ADDRESS]).succeeds();
    stage.configure(&assignment_with(POLICY, &set(&fewer()), CREATE_FIRST));
    must_refuse_and_keep_or_depose(&stage, APPLY, &["untaint"]);
    if !import_if_deposed(&stage, POLICY) {
        stage.folder.run(&["untaint", ADDRESS]).succeeds();
    }
    stage.plan().only_change().must_swap(&before()[1..], &[]);
    stage.folder.run(APPLY).succeeds();
    is_in_force(&stage, &fewer());
}

/// A tainted object that was not refreshed looks like one that was never there.
pub fn a_tainted_resource_that_is_not_refreshed_is_refused_with_the_way_out() {
    let stage = applied(Cause::Taint);
    stage.folder.run(&["taint", ADDRESS]).succeeds();
    stage.assign(&fewer());
    must_refuse_and_keep(&stage, &["plan", "-refresh=false"], &["untaint"]);
    stage.folder.run(APPLY).succeeds();
    is_in_force(&stage, &fewer());
}

/// A fault for every call that it fits.
fn with_any_times(mut rule: Value) -> Value {
    rule["times"] = Value::Null;
    rule
}
