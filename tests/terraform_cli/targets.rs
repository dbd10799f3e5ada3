//! Every kind of target, and every harmless difference between what a person writes and what Graph answers.

use super::stage::{Stage, assignment, elements};
use crate::support::target::{Target, sorted};
use crate::support::tenant::{COMPANY_OWNED, KIOSKS, LAPTOPS, PERSONAL, POLICY, WORKSTATIONS};

pub fn every_kind_of_target_is_stable() {
    let stage = Stage::new();
    let targets = [
        Target::all_devices().including(COMPANY_OWNED),
        Target::all_users(),
        Target::group(WORKSTATIONS).including(COMPANY_OWNED),
        Target::group(LAPTOPS).excluding(PERSONAL),
        Target::exclusion(KIOSKS),
        Target::collection("SMS0000A"),
    ];
    stage.apply_assigned(&targets);
    stage.emulator.must_hold(POLICY, &targets);
    stage.state_must_equal_tenant();
    stage.folder.destroy().succeeds();
    stage.emulator.must_hold(POLICY, &[]);
}

pub fn ids_differ_only_in_case_and_order() {
    let stage = Stage::new();
    let meant = [
        Target::group(WORKSTATIONS).including(COMPANY_OWNED),
        Target::group(LAPTOPS).excluding(PERSONAL),
        Target::exclusion(KIOSKS),
    ];
    let written: Vec<_> = meant.iter().map(Target::with_upper_case_ids).collect();
    let policy = POLICY.to_uppercase();
    stage.configure(&assignment(&policy, &written));
    stage.folder.apply().succeeds();
    stage.emulator.must_hold(POLICY, &meant);
    // The emulator shuffles its answers, so each refresh meets another order.
    for _ in 0..3 {
        stage.plan().must_be_empty();
        stage.folder.run(&["apply", "-refresh-only", "-auto-approve"]).succeeds();
    }
    let stored = stage.state();
    assert_eq!(elements(&stored, "assignments"), sorted(written.iter().map(Target::element)));
    assert_eq!(stored["device_configuration_id"], policy);
    assert_eq!(stored["id"], policy);
}

pub fn respelling_an_id_changes_nothing() {
    let stage = Stage::new();
    let targets = [Target::group(WORKSTATIONS).including(COMPANY_OWNED), Target::exclusion(KIOSKS)];
    stage.apply_assigned(&targets);
    let upper_case: Vec<_> = targets.iter().map(Target::with_upper_case_ids).collect();
    stage.configure(&assignment(&POLICY.to_uppercase(), &upper_case));
    stage.plan().must_be_empty();
    // With a true change beside it, only that change is planned; the rest keeps the spelling it had.
    let more = [upper_case, vec![Target::group(LAPTOPS)]].concat();
    stage.configure(&assignment(&POLICY.to_uppercase(), &more));
    stage.plan().only_change().must_swap(&[], &[Target::group(LAPTOPS)]);
}
