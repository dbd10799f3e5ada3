//! Values that Terraform knows only during apply: the plan leaves them open, apply fills them in. `terraform_data`
//! stands for the resource of another provider that makes them.

use super::stage::{Stage, assignment_with};
use crate::support::target::Target;
use crate::support::tenant::{COMPANY_OWNED, KIOSKS, POLICY, WORKSTATIONS};

pub fn a_group_id_known_only_after_apply() {
    let stage = Stage::new();
    let set = format!(
        "[\n    {{ type = \"groupAssignmentTarget\", group_id = terraform_data.made.output }},\n    {},\n  ]",
        Target::exclusion(KIOSKS).hcl()
    );
    applies_from_nothing(&stage, &format!("{WORKSTATIONS:?}"), &assignment_with(POLICY, &set, ""));
    stage.emulator.must_hold(POLICY, &[Target::group(WORKSTATIONS), Target::exclusion(KIOSKS)]);
}

pub fn a_whole_set_known_only_after_apply() {
    let stage = Stage::new();
    let made = format!("[{}, {}]", Target::group(WORKSTATIONS).hcl(), Target::exclusion(KIOSKS).hcl());
    applies_from_nothing(&stage, &made, &assignment_with(POLICY, "terraform_data.made.output", ""));
    stage.emulator.must_hold(POLICY, &[Target::group(WORKSTATIONS), Target::exclusion(KIOSKS)]);
}

pub fn a_policy_id_known_only_after_apply() {
    let stage = Stage::new();
    let set = format!("[{}]", Target::all_devices().hcl());
    let resource = assignment_with("made", &set, "").replace("\"made\"", "terraform_data.made.output");
    applies_from_nothing(&stage, &format!("{POLICY:?}"), &resource);
    stage.emulator.must_hold(POLICY, &[Target::all_devices()]);
}

pub fn a_filter_id_known_only_after_apply() {
    let stage = Stage::new();
    let set = format!("[{}]", made(&Target::group(WORKSTATIONS).including("terraform_data.made.output")));
    applies_from_nothing(&stage, &format!("{COMPANY_OWNED:?}"), &assignment_with(POLICY, &set, ""));
    stage.emulator.must_hold(POLICY, &[Target::group(WORKSTATIONS).including(COMPANY_OWNED)]);
}

pub fn every_id_known_only_after_apply() {
    let stage = Stage::new();
    let ids = format!("{{ policy = {POLICY:?}, group = {WORKSTATIONS:?}, filter = {COMPANY_OWNED:?} }}");
    let target =
        Target::group("terraform_data.made.output.group").including("terraform_data.made.output.filter");
    let set = format!("[{}]", made(&target));
    let resource = assignment_with("made", &set, "").replace("\"made\"", "terraform_data.made.output.policy");
    applies_from_nothing(&stage, &ids, &resource);
    stage.emulator.must_hold(POLICY, &[Target::group(WORKSTATIONS).including(COMPANY_OWNED)]);
}

/// The element as HCL, with references where its ids look like them.
fn made(target: &Target) -> String {
    let hcl = target.hcl();
    let parts = hcl.split('"').enumerate().map(|(index, part)| match index % 2 {
        1 if !part.starts_with("terraform_data.") => format!("{part:?}"),
        _ => part.to_owned(),
    });
    parts.collect()
}

/// Two creates are planned, the one fed by the other, and the saved plan can be shown; afterwards nothing is left to
/// do.
fn applies_from_nothing(stage: &Stage, made: &str, resource: &str) {
    stage.configure(&format!("resource \"terraform_data\" \"made\" {{\n  input = {made}\n}}\n{resource}"));
    let plan = stage.plan();
    plan.finished.exits_with(2).says(&["(known after apply)"]);
    assert_eq!(
        plan.changes().map(|change| change.actions().concat()).collect::<Vec<_>>(),
        ["create", "create"]
    );
    stage
        .folder
        .run(&["show", "saved.tfplan"])
        .succeeds()
        .says(&["2 to add", "defender_atp_assignment.this"]);
    stage.folder.run(&["apply", "saved.tfplan"]).succeeds();
    stage.state_must_equal_tenant();
    stage.plan().must_be_empty();
}
