//! A replacement by another policy: the new one is looked at in full before anything is taken from the old one.

use super::{
    APPLY, APPLY_SAVED, CREATE_FIRST, before, must_refuse_and_keep, must_refuse_and_keep_or_depose,
    two_policies,
};
use crate::scenarios::stage::{Stage, assignment, assignment_with, set};
use crate::support::target::Target;
use crate::support::tenant::{BASELINE, KIOSKS, OTHER_POLICY, POLICY, Tenant};

/// `POLICY` with its last digit mistyped.
const MISTYPED: &str = "0b8a3d5e-7c41-4f2a-9d36-58e1b0c7f295";

fn foreign() -> Vec<Target> {
    vec![Target::all_users(), Target::exclusion(KIOSKS)]
}

/// Either order of the two legs.
const ORDERS: [&str; 2] = ["", CREATE_FIRST];

fn applied(order: &str) -> Stage {
    let stage = two_policies();
    stage.configure(&assignment_with(POLICY, &set(&before()), order));
    stage.folder.run(APPLY).succeeds();
    stage
}

pub fn a_policy_of_others_as_the_new_one_is_refused_at_plan() {
    for order in ORDERS {
        let stage = applied(order);
        stage.emulator.assign_in_portal(OTHER_POLICY, &foreign());
        stage.configure(&assignment_with(OTHER_POLICY, &set(&before()), order));
        for command in [&["plan"], APPLY] {
            must_refuse_and_keep(
                &stage,
                command,
                &[OTHER_POLICY, "allLicensedUsersAssignmentTarget", KIOSKS],
            );
        }
        stage.emulator.must_hold(POLICY, &before());
        stage.emulator.must_hold(OTHER_POLICY, &foreign());
    }
}

pub fn a_policy_that_others_take_after_the_plan_is_refused_before_anything_goes() {
    for order in ORDERS {
        let stage = applied(order);
        stage.configure(&assignment_with(OTHER_POLICY, &set(&before()), order));
        stage.plan().finished.exits_with(2);
        stage.emulator.assign_in_portal(OTHER_POLICY, &foreign());
        let texts = [OTHER_POLICY, "allLicensedUsersAssignmentTarget"];
        must_refuse_and_keep_or_depose(&stage, APPLY_SAVED, &texts);
        stage.emulator.must_hold(POLICY, &before());
        stage.emulator.must_hold(OTHER_POLICY, &foreign());
        // The way out: once it is free, the replacement goes through.
        stage.emulator.assign_in_portal(OTHER_POLICY, &[]);
        stage.folder.run(APPLY).succeeds();
        stage.emulator.must_hold(POLICY, &[]);
        stage.emulator.must_hold(OTHER_POLICY, &before());
        stage.plan().must_be_empty();
    }
}

pub fn a_mistyped_policy_id_is_an_error_at_plan_and_nothing_is_sent() {
    for order in ORDERS {
        let stage = applied(order);
        stage.configure(&assignment_with(MISTYPED, &set(&before()), order));
        for command in [&["plan"], APPLY] {
            must_refuse_and_keep(&stage, command, &[MISTYPED]);
        }
        stage.emulator.must_hold(POLICY, &before());
    }
}

pub fn a_policy_of_another_type_as_the_new_one_is_an_error_at_plan() {
    let stage = Stage::with_tenant(&Tenant::default().with_baseline());
    stage.apply_assigned(&before());
    stage.configure(&assignment(BASELINE, &before()));
    must_refuse_and_keep(&stage, &["plan"], &[BASELINE, "windows10GeneralConfiguration"]);
    stage.emulator.must_hold(POLICY, &before());
}
