//! `overwrite_existing` says what it takes away: the plan shows each assignment that will be replaced, and the apply
//! says what it has replaced.

use super::{APPLY_SAVED, fewer};
use crate::scenarios::stage::{Stage, assignment_with, set};
use crate::support::target::Target;
use crate::support::tenant::{KIOSKS, LAPTOPS, PERSONAL, POLICY, Tenant, WORKSTATIONS};

const WARNING: &str = "Warning: Policy";

pub fn overwrite_existing_names_what_it_replaces_at_plan_and_at_apply() {
    let foreign = [
        Target::group(LAPTOPS).excluding(PERSONAL),
        Target::exclusion(KIOSKS),
        Target::collection("SMS0042A"),
    ];
    let rows = [fewer(), foreign.to_vec()].concat();
    let stage = Stage::with_tenant(&Tenant::default().assigned_to(&rows));
    stage.configure(&assignment_with(POLICY, &set(&fewer()), "  overwrite_existing = true"));
    let plan = stage.plan();
    assert_eq!(plan.only_change().actions(), ["create"]);
    let applied = stage.folder.run(APPLY_SAVED);
    applied.succeeds();
    for finished in [&plan.finished, &applied] {
        let messages = finished.messages();
        let warning = messages.split_once(WARNING).map(|(_, warning)| warning);
        let warning = warning.unwrap_or_else(|| panic!("a warning is expected: {messages}"));
        for lost in [LAPTOPS, PERSONAL, KIOSKS, "SMS0042A"] {
            assert!(warning.contains(lost), "{lost} in {warning}");
        }
        assert!(
            !warning.contains(&format!("- groupAssignmentTarget {WORKSTATIONS}")),
            "what stays: {warning}"
        );
    }
    stage.emulator.must_hold(POLICY, &fewer());
    stage.plan().must_be_empty();
}

pub fn overwrite_existing_has_nothing_to_say_where_nothing_is_replaced() {
    let stage = Stage::new();
    stage.configure(&assignment_with(POLICY, &set(&fewer()), "  overwrite_existing = true"));
    let plan = stage.plan();
    let applied = stage.folder.run(APPLY_SAVED);
    for finished in [&plan.finished, applied.succeeds()] {
        assert!(!finished.messages().contains(WARNING), "{}", finished.messages());
    }
}
