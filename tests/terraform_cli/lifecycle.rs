//! From create to destroy: what the tenant holds, what the state says, and that the next plan is empty.

use serde_json::json;

use super::stage::{ADDRESS, Stage, assignment, assignment_for_each, assignment_with, elements, set};
use crate::support::target::Target;
use crate::support::tenant::{
    COMPANY_OWNED, KIOSKS, LAPTOPS, OTHER_POLICY, POLICY, POLICY_SET, Tenant, WORKSTATIONS,
};

pub fn create_plan_again_and_destroy() {
    let inherited = Target::group(LAPTOPS).inherited_row(POLICY_SET);
    let stage = Stage::with_tenant(&Tenant::default().with_rows(&[inherited]));
    let targets = [Target::group(WORKSTATIONS).including(COMPANY_OWNED), Target::exclusion(KIOSKS)];
    stage.assign(&targets);
    let plan = stage.plan();
    let create = plan.only_change();
    assert_eq!(create.actions(), ["create"]);
    assert_eq!(create.after("id"), POLICY);
    assert!(create.is_unknown("assignment_ids") && create.is_unknown("inherited_assignments"));

    stage.folder.apply().succeeds();
    stage.emulator.must_hold(POLICY, &targets);
    stage.state_must_equal_tenant();
    let stored = stage.state();
    assert_eq!(stored["id"], POLICY);
    let group_key = format!("groupAssignmentTarget/{WORKSTATIONS}");
    let exclusion_key = format!("exclusionGroupAssignmentTarget/{KIOSKS}");
    assert_eq!(stored["assignment_ids"][group_key], format!("{POLICY}_{WORKSTATIONS}"));
    assert_eq!(stored["assignment_ids"][exclusion_key], format!("{POLICY}_{KIOSKS}"));
    let [row] = <[_; 1]>::try_from(elements(&stored, "inherited_assignments")).unwrap();
    assert_eq!(
        (&row["source"], &row["source_id"], &row["group_id"], &row["filter_id"]),
        (&json!("policySets"), &json!(POLICY_SET), &json!(LAPTOPS), &json!(null))
    );

    stage.plan().must_be_empty();
    stage.folder.destroy().succeeds();
    assert_eq!(stage.state(), json!(null));
    stage.emulator.must_hold(POLICY, &[]);
    assert_eq!(stage.emulator.rows(POLICY).len(), 1, "the policy set's row stays");
}

pub fn update_replaces_exactly_what_changed() {
    let stage = Stage::new();
    stage.apply_assigned(&[Target::group(WORKSTATIONS), Target::exclusion(KIOSKS)]);
    let wanted = [Target::group(LAPTOPS), Target::exclusion(KIOSKS)];
    stage.assign(&wanted);
    let plan = stage.plan();
    plan.only_change().must_swap(&[Target::group(WORKSTATIONS)], &[Target::group(LAPTOPS)]);
    stage.folder.apply().succeeds();
    stage.emulator.must_hold(POLICY, &wanted);
    stage.state_must_equal_tenant();
    stage.plan().must_be_empty();
}

pub fn empty_set_removes_everybody() {
    let stage = Stage::new();
    stage.apply_assigned(&[Target::group(WORKSTATIONS), Target::group(LAPTOPS)]);
    stage.apply_assigned(&[]);
    stage.emulator.must_hold(POLICY, &[]);
    stage.state_must_equal_tenant();
    // A policy that nobody gets can be taken over in the same way.
    stage.folder.destroy().succeeds();
    stage.apply_assigned(&[]);
    stage.folder.destroy().succeeds();
}

pub fn a_new_policy_id_replaces_the_resource() {
    let stage = Stage::with_tenant(&Tenant::default().with_policy(OTHER_POLICY));
    let targets = [Target::group(WORKSTATIONS)];
    stage.apply_assigned(&targets);
    stage.configure(&assignment(OTHER_POLICY, &targets));
    let plan = stage.plan();
    assert_eq!(plan.only_change().actions(), ["delete", "create"]);
    stage.folder.apply().succeeds();
    stage.emulator.must_hold(POLICY, &[]);
    stage.emulator.must_hold(OTHER_POLICY, &targets);
    assert_eq!(stage.state()["id"], OTHER_POLICY);
    stage.plan().must_be_empty();
}

pub fn twenty_policies_with_for_each() {
    let ids: Vec<_> =
        (0..20).map(|number| format!("20000000-0000-4000-8000-0000000000{number:02}")).collect();
    let tenant = ids.iter().fold(Tenant::default(), |tenant, id| tenant.with_policy(id));
    let stage = Stage::with_tenant(&tenant);
    let targets = [Target::all_devices(), Target::exclusion(KIOSKS)];
    stage.configure(&assignment_for_each(&ids, &targets));
    stage.folder.apply().succeeds();
    for id in &ids {
        stage.emulator.must_hold(id, &targets);
        assert_eq!(stage.folder.state(&format!("{ADDRESS}[{id:?}]"))["id"], **id);
    }
    stage.plan().must_be_empty();
    // One of them drifts: the plan shows that one and leaves the others in peace.
    stage.emulator.assign_in_portal(&ids[7], &[Target::all_devices()]);
    stage.plan().only_change().must_swap(&[], &[Target::exclusion(KIOSKS)]);
    stage.folder.destroy().succeeds();
    for id in &ids {
        stage.emulator.must_hold(id, &[]);
    }
}

pub fn time_outs_are_accepted() {
    let stage = Stage::new();
    let blocks = "timeouts {\n create = \"2m\"\n read = \"1.5m\"\n update = \"1h30m\"\n delete = \"90s\"\n}";
    stage.configure(&assignment_with(POLICY, &set(&[Target::all_devices()]), blocks));
    stage.folder.apply().succeeds();
    assert_eq!(stage.state()["timeouts"]["read"], "1.5m");
    stage.plan().must_be_empty();
    stage.configure(&assignment_with(
        POLICY,
        &set(&[Target::all_devices()]),
        "timeouts {\n create = \"soon\"\n}",
    ));
    stage.folder.plan().finished.fails_with(&["create", "soon"]);
}
