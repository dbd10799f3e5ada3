//! How many requests two hundred look-ups of a plan take, at the ten that Terraform has under way at once.

use serde_json::{Value, json};

use super::tenant::{data, stage_with};

const COUNT: usize = 200;

fn id(kind: u8, number: usize) -> String {
    format!("{kind}0000000-0000-4000-8000-{number:012}")
}

/// Two hundred of everything.
fn document() -> Value {
    let many = |one: &dyn Fn(usize) -> Value| (0..COUNT).map(one).collect::<Value>();
    json!({
        "deviceConfigurations": many(&|number| json!({
            "@odata.type": "#microsoft.graph.windowsDefenderAdvancedThreatProtectionConfiguration",
            "id": id(1, number), "displayName": format!("Policy {number}"), "assignments": []})),
        "configurationPolicies": many(&|number| json!({"id": id(2, number), "name": format!("Policy {number}")})),
        "groups": many(&|number| json!({"id": id(3, number), "displayName": format!("Group {number}")})),
        "assignmentFilters": many(&|number| json!({"id": id(4, number), "displayName": format!("Filter {number}"),
            "platform": "windows10AndLater", "rule": "(device.model -eq \"x\")"})),
    })
}

/// The requests of a plan with two hundred look-ups.
fn requests(data_source: &str, argument: &str) -> usize {
    let stage = stage_with(&document(), &["--latency", "20ms"]);
    let many = format!("count = {COUNT}\n  {argument}");
    stage.configure(&data(data_source, "many", &many));
    stage.folder.run(&["plan"]).succeeds();
    stage.emulator.requests()
}

pub fn two_hundred_look_ups_of_filters_and_policies_share_one_list() {
    for (data_source, argument) in [
        ("defender_assignment_filter", "display_name = \"Filter ${count.index}\""),
        ("defender_atp_configuration", "display_name = \"Policy ${count.index}\""),
        ("defender_atp_configuration", "id = format(\"10000000-0000-4000-8000-%012d\", count.index)"),
        ("defender_edr_policy", "name = \"Policy ${count.index}\""),
    ] {
        let requests = requests(data_source, argument);
        println!("{data_source} {argument}: {requests} requests");
        assert!(requests <= 8, "{data_source} {argument}: {requests} requests");
    }
}

pub fn two_hundred_look_ups_of_groups_and_assignments_share_batches() {
    for (data_source, argument) in [
        ("defender_group", "display_name = \"Group ${count.index}\""),
        ("defender_group", "id = format(\"30000000-0000-4000-8000-%012d\", count.index)"),
        ("defender_atp_assignment", "device_configuration_id = format(\"10000000-0000-4000-8000-%012d\", count.index)"),
        ("defender_edr_assignment", "configuration_policy_id = format(\"20000000-0000-4000-8000-%012d\", count.index)"),
    ] {
        let requests = requests(data_source, argument);
        println!("{data_source} {argument}: {requests} requests");
        assert!(requests <= 26, "{data_source} {argument}: {requests} requests");
    }
}
