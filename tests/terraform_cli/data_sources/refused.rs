//! Look-ups that find nothing or too much, and what is missing for them.

use expect_test::expect;
use serde_json::{Value, json};

use super::tenant::{ANTIVIRUS, BASELINE, GROUP, ONBOARDING, TWICE, data, quoted, stage};
use crate::scenarios::stage::Stage;
use crate::support::command::Finished;

const ABSENT: &str = "00000000-1111-4222-8333-444444444444";

/// The look-ups of one thing, with the attribute of the name.
const LOOKUPS: [(&str, &str); 4] = [
    ("defender_atp_configuration", "display_name"),
    ("defender_assignment_filter", "display_name"),
    ("defender_edr_policy", "name"),
    ("defender_group", "display_name"),
];

/// The data sources that take the id of a policy.
const OF_POLICIES: [(&str, &str); 3] = [
    ("defender_atp_assignment", "device_configuration_id"),
    ("defender_edr_assignment", "configuration_policy_id"),
    ("defender_policy_status", "device_configuration_id"),
];

/// Summaries and details of the diagnostics, in order, without request ids.
fn texts(finished: &Finished) -> String {
    let mut texts: Vec<String> = finished.json_diagnostics().iter().map(text).collect();
    texts.sort_unstable();
    texts.join("\n")
}

fn text(diagnostic: &Value) -> String {
    let detail = diagnostic["detail"].as_str().unwrap();
    let detail: Vec<&str> = detail.lines().filter(|line| !line.starts_with("Request: ")).collect();
    let place = diagnostic["snippet"]["code"].as_str().unwrap_or_default().trim();
    let place = place.split(" = ").next().unwrap_or_default();
    format!(
        "{}: {} [{place}]\n{}\n",
        diagnostic["severity"].as_str().unwrap(),
        diagnostic["summary"].as_str().unwrap(),
        detail.join("\n")
    )
}

fn plan(stage: &Stage, configuration: &str) -> Finished {
    stage.configure(configuration);
    stage.folder.run(&["plan", "-json"])
}

pub fn what_does_not_exist_is_an_error_at_its_attribute() {
    let stage = stage();
    let mut configuration = String::new();
    for (data_source, name_attribute) in LOOKUPS {
        configuration += &data(data_source, "by_id", &format!("id = {ABSENT:?}"));
        configuration += &data(data_source, "by_name", &format!("{name_attribute} = {}", quoted("Twicé")));
    }
    for (data_source, id_attribute) in OF_POLICIES {
        configuration += &data(data_source, "absent", &format!("{id_attribute} = {ABSENT:?}"));
    }
    let plan = plan(&stage, &configuration);
    assert_eq!(plan.code, Some(1));
    expect![[r#""#]].assert_eq(&texts(&plan));
}

pub fn a_name_that_several_have_is_an_error_that_lists_them() {
    let stage = stage();
    let configuration: String = LOOKUPS
        .map(|(data_source, name)| data(data_source, "twice", &format!("{name} = {}", quoted(TWICE))))
        .concat();
    let plan = plan(&stage, &configuration);
    assert_eq!(plan.code, Some(1));
    expect![[r#""#]].assert_eq(&texts(&plan));
}

pub fn a_policy_of_another_kind_is_refused_by_name() {
    let stage = stage();
    let configuration = [
        data("defender_atp_configuration", "other", &format!("id = {BASELINE:?}")),
        data("defender_edr_policy", "other", &format!("id = {ANTIVIRUS:?}")),
        data("defender_atp_assignment", "other", &format!("device_configuration_id = {BASELINE:?}")),
        data("defender_edr_assignment", "other", &format!("configuration_policy_id = {ANTIVIRUS:?}")),
        data("defender_policy_status", "other", &format!("device_configuration_id = {BASELINE:?}")),
        data("defender_atp_configuration", "by_name", "display_name = \"Baseline\""),
    ]
    .concat();
    let plan = plan(&stage, &configuration);
    assert_eq!(plan.code, Some(1));
    expect![[r#""#]].assert_eq(&texts(&plan));
}

pub fn a_look_up_needs_exactly_one_of_id_and_name() {
    let stage = stage();
    let mut configuration = String::new();
    for (data_source, name) in LOOKUPS {
        configuration += &data(data_source, "neither", "");
        configuration += &data(data_source, "both", &format!("id = {ABSENT:?}\n  {name} = \"x\""));
    }
    configuration +=
        &data("defender_group", "malformed", "id = \"Workstations\"\n  timeouts {\n    read = \"5\"\n  }");
    configuration += &data("defender_group", "blank", "display_name = \" \"");
    stage.configure(&configuration);
    let validate = stage.folder.run(&["validate", "-json"]);
    let answer: Value = serde_json::from_str(&validate.stdout).unwrap();
    let mut shown: Vec<String> = answer["diagnostics"].as_array().unwrap().iter().map(text).collect();
    shown.sort_unstable();
    shown.dedup();
    expect![[r#""#]].assert_eq(&shown.join("\n"));
}

pub fn a_missing_permission_is_named_once_and_an_optional_one_is_a_warning() {
    let stage = stage();
    let refused = |path: &str| json!({"match": {"path": path}, "times": null, "status": 403});
    stage.emulator.fault(&json!([refused("/deviceManagement/")]));
    let mut configuration: String = OF_POLICIES
        .map(|(data_source, id)| data(data_source, "one", &format!("{id} = {ONBOARDING:?}")))
        .concat();
    for data_source in [
        "defender_atp_configurations",
        "defender_edr_policies",
        "defender_onboarding_status",
        "defender_policy_conflicts",
    ] {
        configuration += &data(data_source, "all", "");
    }
    configuration += &data("defender_assignment_filter", "one", "display_name = \"x\"");
    configuration += &data("defender_atp_configuration", "one", "display_name = \"x\"");
    configuration += &data("defender_edr_policy", "one", "name = \"x\"");
    let plan_of_all = plan(&stage, &configuration);
    let shown = plan_of_all.json_diagnostics();
    let whole = shown
        .iter()
        .filter(|one| one["detail"].as_str().unwrap().contains("DeviceManagementConfiguration.Read.All"));
    assert_eq!((whole.count(), shown.len()), (1, 10), "{}", texts(&plan_of_all));

    stage.emulator.no_more_faults();
    stage.emulator.fault(&json!([refused("/transitiveMembers/")]));
    let groups =
        ["one", "two", "three"].map(|name| data("defender_group", name, &format!("id = {GROUP:?}"))).concat();
    stage.configure(&format!(
        "{groups}output \"count\" {{\n  value = data.defender_group.three.device_count == null\n}}\n"
    ));
    let plan = stage.folder.run(&["plan", "-json"]);
    expect![[r#""#]].assert_eq(&texts(plan.succeeds()));

    stage.emulator.no_more_faults();
    stage.emulator.fault(&json!([refused("/groups")]));
    let plan = stage.folder.run(&["plan", "-json"]);
    assert_eq!(plan.code, Some(1));
    assert!(texts(&plan).contains("grant GroupMember.Read.All"), "{}", texts(&plan));
}
