//! Look-ups that find what they look for, by id and by name, and lists.

use expect_test::expect;
use serde_json::Value;

use super::tenant::{
    EDR, EDR_NAME, FILTER, FILTER_NAME, GROUP, GROUP_NAME, ONBOARDING, ONBOARDING_NAME, data, quoted, stage,
};
use crate::scenarios::stage::Stage;

/// The outputs of a configuration after an apply, one a line.
fn outputs(stage: &Stage) -> String {
    stage.folder.apply().succeeds();
    let shown = stage.folder.run(&["output", "-json"]);
    let outputs: Value = serde_json::from_str(&shown.stdout).unwrap();
    let lines =
        outputs.as_object().unwrap().iter().map(|(name, output)| format!("{name}: {}\n", output["value"]));
    lines.collect()
}

fn output(name: &str, value: &str) -> String {
    format!("output {name:?} {{\n  value = {value}\n}}\n")
}

pub fn each_thing_is_found_by_its_id_and_by_its_name() {
    let stage = stage();
    let mut configuration = String::new();
    for (data_source, name_attribute, id, name) in [
        ("defender_atp_configuration", "display_name", ONBOARDING, ONBOARDING_NAME),
        ("defender_edr_policy", "name", EDR, EDR_NAME),
        ("defender_group", "display_name", GROUP, GROUP_NAME),
        ("defender_assignment_filter", "display_name", FILTER, FILTER_NAME),
    ] {
        // The name in another case, and the id in upper case, which the result keeps.
        let (upper_id, upper_name) = (id.to_uppercase(), name.to_uppercase().replace("STRASSE", "STRAßE"));
        configuration += &data(data_source, "by_id", &format!("id = {upper_id:?}"));
        configuration +=
            &data(data_source, "by_name", &format!("{name_attribute} = {}", quoted(&upper_name)));
        let sources = format!("[data.{data_source}.by_id, data.{data_source}.by_name]");
        let same = format!(
            "length(distinct([for one in {sources} : merge(one, {{id = lower(one.id), {name_attribute} = lower(one.{name_attribute})}})])) == 1"
        );
        configuration += &output(&format!("{data_source}_same"), &same);
        configuration += &output(
            data_source,
            &format!(
                "{{ for name, value in data.{data_source}.by_id : name => value if !endswith(name, \"_date_time\") }}"
            ),
        );
    }
    stage.configure(&configuration);
    expect![[r#"
        defender_assignment_filter: {"display_name":"Company-owned 'Windows' ≥ 11","id":"D604C9E5-3F7A-41C8-BD40-9C51CEAF8001","platform":"windows10AndLater","rule":"(device.deviceOwnership -eq \"Corporate\")","timeouts":null}
        defender_assignment_filter_same: true
        defender_atp_configuration: {"allow_sample_sharing":true,"applicability_rules":null,"description":"From the tests","display_name":"O'Brien's \"Ring\" – Zürich  2 & +50%","enable_expedited_telemetry_reporting":false,"id":"0B8A3D5E-7C41-4F2A-9D36-58E1B0C7F2A1","package":"auto_from_connector","package_filename":null,"role_scope_tag_ids":["0"],"timeouts":null,"version":1}
        defender_atp_configuration_same: true
        defender_edr_policy: {"description":null,"id":"7D3B9A52-4C1E-4F6D-8A27-9E0B5D4C3F01","name":"EDR 'Straße' #1","package":"auto_from_connector","role_scope_tag_ids":["0"],"sample_sharing":"all","template_version":"Version 1","timeouts":null}
        defender_edr_policy_same: true
        defender_group: {"count_members":null,"device_count":412,"display_name":"L'équipe \"Sécurité\"","id":"A3D1F6B2-0C47-4E95-8A1D-6F2E9B7C5D01","membership_rule":null,"security_enabled":true,"timeouts":null,"user_count":390}
        defender_group_same: true
    "#]].assert_eq(&outputs(&stage));
    stage.plan().must_be_empty();
}

pub fn lists_and_status_are_read() {
    let stage = stage();
    let mut configuration = String::new();
    for (data_source, arguments) in [
        ("defender_atp_configurations", ""),
        ("defender_edr_policies", "name_prefix = \"TW\""),
        ("defender_onboarding_status", ""),
        ("defender_policy_conflicts", ""),
    ] {
        configuration += &data(data_source, "all", arguments);
        configuration += &output(data_source, &format!("data.{data_source}.all"));
    }
    for (data_source, id_attribute, id) in [
        ("defender_atp_assignment", "device_configuration_id", ONBOARDING),
        ("defender_edr_assignment", "configuration_policy_id", EDR),
        ("defender_policy_status", "device_configuration_id", ONBOARDING),
    ] {
        configuration += &data(data_source, "one", &format!("{id_attribute} = {id:?}"));
        let known = "name => value if !endswith(name, \"_date_time\")";
        configuration +=
            &output(data_source, &format!("{{ for name, value in data.{data_source}.one : {known} }}"));
    }
    configuration += &data(
        "defender_policy_conflicts",
        "of_one",
        &format!("device_configuration_id = {:?}", ONBOARDING.to_uppercase()),
    );
    configuration += &output("conflicts_of_one", "length(data.defender_policy_conflicts.of_one.conflicts)");
    stage.configure(&configuration);
    expect![[r#"
        conflicts_of_one: 1
        defender_atp_assignment: {"assignment_ids":{"groupAssignmentTarget/a3d1f6b2-0c47-4e95-8a1d-6f2e9b7c5d01":"0b8a3d5e-7c41-4f2a-9d36-58e1b0c7f2a1_a3d1f6b2-0c47-4e95-8a1d-6f2e9b7c5d01"},"assignments":[{"collection_id":null,"filter_id":"d604c9e5-3f7a-41c8-bd40-9c51ceaf8001","filter_type":"include","group_id":"a3d1f6b2-0c47-4e95-8a1d-6f2e9b7c5d01","type":"groupAssignmentTarget"}],"device_configuration_id":"0b8a3d5e-7c41-4f2a-9d36-58e1b0c7f2a1","inherited_assignments":[{"collection_id":null,"filter_id":null,"filter_type":null,"group_id":null,"source":"policySets","source_id":"f826eb07-519c-43ea-9f62-be73e0c1a206","type":"allLicensedUsersAssignmentTarget"}],"timeouts":null}
        defender_atp_configurations: {"configurations":[{"direct_assignment_count":1,"display_name":"O'Brien's \"Ring\" – Zürich  2 & +50%","id":"0b8a3d5e-7c41-4f2a-9d36-58e1b0c7f2a1","inherited_assignment_count":1},{"direct_assignment_count":0,"display_name":"TWICE","id":"0b8a3d5e-7c41-4f2a-9d36-58e1b0c7f2a3","inherited_assignment_count":0},{"direct_assignment_count":0,"display_name":"Twice","id":"0b8a3d5e-7c41-4f2a-9d36-58e1b0c7f2a2","inherited_assignment_count":0}],"name_prefix":null,"timeouts":null}
        defender_edr_assignment: {"assignment_ids":{},"assignments":[],"configuration_policy_id":"7d3b9a52-4c1e-4f6d-8a27-9e0b5d4c3f01","inherited_assignments":[],"timeouts":null}
        defender_edr_policies: {"name_prefix":"TW","policies":[{"direct_assignment_count":0,"id":"7d3b9a52-4c1e-4f6d-8a27-9e0b5d4c3f02","inherited_assignment_count":0,"name":"Twice"},{"direct_assignment_count":0,"id":"7d3b9a52-4c1e-4f6d-8a27-9e0b5d4c3f03","inherited_assignment_count":0,"name":"twice"}],"timeouts":null}
        defender_onboarding_status: {"compliant_device_count":40,"conflict_device_count":0,"error_device_count":0,"non_compliant_device_count":7,"not_applicable_device_count":0,"not_assigned_device_count":0,"remediated_device_count":0,"timeouts":null,"unknown_device_count":0}
        defender_policy_conflicts: {"conflicts":[{"contributing_settings":["Another"],"device_checkins_impacted":1,"policies":[{"display_name":"Baseline","id":"0b8a3d5e-7c41-4f2a-9d36-58e1b0c7f2a4"}]},{"contributing_settings":["Onboarding blob"],"device_checkins_impacted":9,"policies":[{"display_name":"Baseline","id":"0b8a3d5e-7c41-4f2a-9d36-58e1b0c7f2a4"},{"display_name":"O'Brien's \"Ring\" – Zürich  2 & +50%","id":"0b8a3d5e-7c41-4f2a-9d36-58e1b0c7f2a1"}]}],"device_configuration_id":null,"timeouts":null}
        defender_policy_status: {"conflict_count":4,"device_configuration_id":"0b8a3d5e-7c41-4f2a-9d36-58e1b0c7f2a1","error_count":1,"failed_count":2,"not_applicable_count":5,"of_current_version":true,"pending_count":3,"success_count":40,"timeouts":null}
    "#]].assert_eq(&outputs(&stage));
    stage.plan().must_be_empty();
}
