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
    expect![[r#""#]].assert_eq(&outputs(&stage));
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
        configuration += &output(data_source, &format!("data.{data_source}.one"));
    }
    configuration += &data(
        "defender_policy_conflicts",
        "of_one",
        &format!("device_configuration_id = {:?}", ONBOARDING.to_uppercase()),
    );
    configuration += &output("conflicts_of_one", "length(data.defender_policy_conflicts.of_one.conflicts)");
    stage.configure(&configuration);
    expect![[r#""#]].assert_eq(&outputs(&stage));
    stage.plan().must_be_empty();
}
