//! Configurations that must not get through: the diagnostic says what is wrong, and the policy is not written.

use super::stage::{Stage, assignment, assignment_with, set};
use crate::support::target::Target;
use crate::support::tenant::{COMPANY_OWNED, KIOSKS, OTHER_POLICY, POLICY, Tenant, WORKSTATIONS};

pub fn null_assignments() {
    refused(&assignment_with(POLICY, "null", ""), &["assignments"]);
}

pub fn a_group_target_without_group() {
    refused(
        &assignment_with(POLICY, "[{ type = \"groupAssignmentTarget\" }]", ""),
        &["groupAssignmentTarget", "group_id"],
    );
}

pub fn a_filter_on_an_exclusion() {
    let target = Target::exclusion(KIOSKS).including(COMPANY_OWNED);
    refused(&assignment(POLICY, &[target]), &["exclusionGroupAssignmentTarget", KIOSKS, "filter"]);
}

pub fn all_mistakes_are_reported_at_once() {
    let mistakes = format!(
        "[{{ type = \"everybody\" }}, {{ type = \"groupAssignmentTarget\", group_id = \"sales\" }}, \
         {{ type = \"groupAssignmentTarget\", group_id = {WORKSTATIONS:?}, filter_type = \"include\" }}]"
    );
    refused(
        &assignment_with("not-a-guid", &mistakes, ""),
        &["not-a-guid", "everybody", "allDevicesAssignmentTarget", "sales", WORKSTATIONS, "filter_id"],
    );
}

pub fn no_credentials() {
    let assigned = [Target::group(WORKSTATIONS)];
    let mut stage = Stage::with_tenant(&Tenant::default().assigned_to(&assigned));
    stage.folder.unset("DEFENDER_ACCESS_TOKEN");
    stage.assign(&[Target::group(WORKSTATIONS), Target::exclusion(KIOSKS)]);
    stage.folder.set("ARM_USE_CLI", "false");
    stage.folder.apply().fails_with(&[
        "No credentials are configured",
        "ARM_CLIENT_ID",
        "DEFENDER_GRAPH_ENDPOINT",
    ]);
    stage.emulator.must_hold(POLICY, &assigned);
}

pub fn a_policy_that_does_not_exist() {
    let stage = Stage::new();
    let brief = "timeouts {\n create = \"1s\"\n}";
    stage.configure(&assignment_with(OTHER_POLICY, &set(&[Target::all_devices()]), brief));
    stage.folder.apply().fails_with(&[OTHER_POLICY]);
    assert!(stage.state().is_null(), "a create that failed leaves no state");
}

/// By `validate` already, without a look at the tenant.
fn refused(resource: &str, texts: &[&str]) {
    let stage = Stage::new();
    stage.configure(resource);
    stage.folder.run(&["validate"]).fails_with(texts);
    assert_eq!(stage.emulator.calls(), Vec::<String>::new());
    stage.folder.apply().fails_with(texts);
    assert_eq!(stage.emulator.assign_calls(), 0);
}
