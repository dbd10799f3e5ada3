//! When Terraform reads a data source: after apply, in checks, without a refresh.

use serde_json::json;

use super::tenant::{FILTER, FILTER_NAME, ONBOARDING, TWICE, data, quoted, stage};

pub fn an_argument_that_is_known_after_apply_delays_the_read() {
    let stage = stage();
    let delayed = [
        (
            "defender_assignment_filter",
            format!("display_name = terraform_data.name.output == \"\" ? \"\" : {}", quoted(FILTER_NAME)),
        ),
        (
            "defender_atp_configuration",
            format!("id = terraform_data.name.output == \"\" ? \"\" : {ONBOARDING:?}"),
        ),
        (
            "defender_atp_assignment",
            format!("device_configuration_id = terraform_data.name.output == \"\" ? \"\" : {ONBOARDING:?}"),
        ),
    ];
    let sources = delayed.map(|(data_source, argument)| data(data_source, "late", &argument)).concat();
    stage.configure(&format!(
        "resource \"terraform_data\" \"name\" {{\n  input = timestamp()\n  lifecycle {{\n    ignore_changes = [input]\n  }}\n}}\n\
         {sources}output \"id\" {{\n  value = data.defender_assignment_filter.late.id\n}}\n"
    ));
    stage.folder.run(&["plan"]).succeeds();
    assert_eq!(stage.emulator.requests(), 0, "nothing is known before the apply");
    stage.folder.apply().succeeds();
    let shown = stage.folder.run(&["output", "-raw", "id"]);
    assert_eq!(shown.stdout, FILTER);
}

pub fn a_failed_look_up_in_a_check_stops_nothing() {
    let stage = stage();
    let check = |name: &str, data_source: &str, argument: &str| {
        let source = data(data_source, name, argument);
        format!(
            "check {name:?} {{\n{source}  assert {{\n    condition = data.{data_source}.{name}.id != \"\"\n    error_message = \"No.\"\n  }}\n}}\n"
        )
    };
    let configuration = [
        check("none", "defender_group", "display_name = \"absent\""),
        check("several", "defender_edr_policy", &format!("name = {TWICE:?}")),
        "resource \"terraform_data\" \"next\" {}\n".to_owned(),
    ]
    .concat();
    stage.configure(&configuration);
    let applied = stage.folder.run(&["apply", "-auto-approve", "-json"]);
    let shown = applied.succeeds().json_diagnostics();
    assert!(shown.iter().all(|one| one["severity"] == "warning"), "{shown:#?}");
    assert!(shown.iter().any(|one| one["summary"] == "Group \"absent\" does not exist"), "{shown:#?}");
}

/// A check reads its data source in the plan and, after the resources that it depends on, once more in the apply.
pub fn a_check_sees_what_the_same_apply_has_written() {
    let stage = stage();
    let list = "data \"defender_atp_configurations\" \"all\" {\n    depends_on = [defender_atp_assignment.this]\n  }";
    stage.configure(&format!(
        "data \"defender_atp_configurations\" \"before\" {{}}\nresource \"defender_atp_assignment\" \"this\" {{\n  \
         device_configuration_id = [for one in data.defender_atp_configurations.before.configurations : one.id if one.display_name == {TWICE:?}][0]\n  \
         assignments = [{{ type = \"allDevicesAssignmentTarget\" }}]\n}}\ncheck \"assigned\" {{\n  {list}\n  assert {{\n    \
         condition = anytrue([for one in data.defender_atp_configurations.all.configurations : one.direct_assignment_count == 1 if one.display_name == {TWICE:?}])\n    \
         error_message = \"Nothing is assigned.\"\n  }}\n}}\n"
    ));
    let applied = stage.folder.run(&["apply", "-auto-approve", "-json"]);
    assert_eq!(applied.succeeds().json_diagnostics(), [json!(null); 0]);
}

pub fn data_sources_are_read_without_a_refresh_too() {
    let stage = stage();
    stage.configure(&format!(
        "{}output \"version\" {{\n  value = data.defender_atp_configuration.one.version\n}}\n",
        data("defender_atp_configuration", "one", &format!("id = {ONBOARDING:?}"))
    ));
    stage.folder.run(&["apply", "-auto-approve", "-refresh=false"]).succeeds();
    stage.emulator.delete_policy(ONBOARDING);
    let plan = stage.folder.run(&["plan", "-refresh=false", "-json"]);
    assert_eq!(plan.code, Some(1), "{}", plan.stdout);
}
