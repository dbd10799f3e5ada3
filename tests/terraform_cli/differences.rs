//! What counts as drift, and what is only another way to show the same assignments.

use serde_json::{Value, json};

use super::stage::Stage;
use crate::support::target::Target;
use crate::support::tenant::{COMPANY_OWNED, KIOSKS, LAPTOPS, PERSONAL, POLICY, POLICY_SET, WORKSTATIONS};

fn filtered() -> Target {
    Target::group(WORKSTATIONS).including(COMPANY_OWNED)
}

fn assigned() -> [Target; 3] {
    [filtered(), Target::group(LAPTOPS), Target::exclusion(KIOSKS)]
}

pub fn as_many_targets_and_the_same_groups_are_drift_all_the_same() {
    let stage = Stage::new();
    stage.apply_assigned(&assigned());
    let [workstations, laptops, kiosks] = assigned();
    let group = || Target::group(WORKSTATIONS);
    // What somebody makes of which part: groups swapped, and the filter's direction, id and presence.
    let cases: [(&[&Target], &[Target]); 5] = [
        (&[&laptops, &kiosks], &[Target::group(KIOSKS), Target::exclusion(LAPTOPS)]),
        (&[&workstations], &[group().excluding(COMPANY_OWNED)]),
        (&[&workstations], &[group().including(PERSONAL)]),
        (&[&workstations], &[group()]),
        (&[&laptops], &[laptops.clone().including(PERSONAL)]),
    ];
    for (taken, given) in cases {
        let is_taken = |target: &Target| taken.iter().any(|taken| taken.element() == target.element());
        let kept = assigned().into_iter().filter(|target| !is_taken(target));
        let found: Vec<Target> = kept.chain(given.iter().cloned()).collect();
        stage.emulator.assign_in_portal(POLICY, &found);
        stage
            .plan()
            .only_change()
            .must_swap(given, &taken.iter().map(|target| (*target).clone()).collect::<Vec<_>>());
        stage.emulator.must_hold(POLICY, &found);
    }
}

pub fn case_order_zero_filters_and_policy_sets_are_no_drift() {
    let stage = Stage::new();
    stage.apply_assigned(&assigned());
    let rows = assigned().map(|target| target.row());
    let upper_case = assigned().map(|target| target.with_upper_case_ids().row());
    let mut reversed = rows.clone();
    reversed.reverse();
    let mut zero = rows.clone();
    for row in &mut zero[1..] {
        no_filter(row);
    }
    let inherited = [Target::group(LAPTOPS), filtered()].map(|target| target.inherited_row(POLICY_SET));
    let with_set = [rows.to_vec(), inherited.to_vec()].concat();
    for found in [upper_case.to_vec(), reversed.to_vec(), zero.to_vec(), with_set] {
        stage.emulator.set_rows(POLICY, &found);
        stage.plan().must_be_empty();
    }
    assert_eq!(stage.emulator.assign_calls(), 1);
    // A group that is direct and inherited can be taken out of the direct ones, and destroyed.
    stage.folder.run(&["apply", "-refresh-only", "-auto-approve"]).succeeds();
    assert_eq!(stage.state()["inherited_assignments"].as_array().unwrap().len(), 2);
    stage.apply_assigned(&[filtered()]);
    stage.folder.destroy().succeeds();
    stage.emulator.must_hold(POLICY, &[]);
    assert_eq!(stage.emulator.rows(POLICY).len(), 2, "the rows of the policy set stay");
}

/// The way in which Graph shows that there is no filter.
fn no_filter(row: &mut Value) {
    row["target"]["deviceAndAppManagementAssignmentFilterId"] = json!("00000000-0000-0000-0000-000000000000");
    row["target"]["deviceAndAppManagementAssignmentFilterType"] = json!("none");
}
