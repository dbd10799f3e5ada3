//! How many requests two hundred look-ups of a plan take. Terraform runs ten of them at a time.

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

/// Fails if each of three plans with two hundred look-ups takes more requests. The limits are far above the numbers on an
/// idle machine, because reads that a busy machine starts too late for one `$batch` need another. The benchmark `refresh`
/// measures the numbers.
fn plan_takes_at_most(limit: usize, data_source: &str, argument: &str) {
    let stage = stage_with(&document(), &["--latency", "20ms"]);
    let many = format!("count = {COUNT}\n  {argument}");
    stage.configure(&data(data_source, "many", &many));
    let mut counts = Vec::new();
    for _ in 0..3 {
        let before = stage.emulator.requests();
        stage.folder.run(&["plan"]).succeeds();
        counts.push(stage.emulator.requests() - before);
        if counts.iter().any(|count| *count <= limit) {
            println!("{data_source} {argument}: {counts:?} requests");
            return;
        }
    }
    panic!("{data_source} {argument}: {counts:?} requests");
}

pub fn two_hundred_look_ups_of_filters_and_policies_share_one_list() {
    for (data_source, argument) in [
        ("defender_assignment_filter", "display_name = \"Filter ${count.index}\""),
        ("defender_atp_configuration", "display_name = \"Policy ${count.index}\""),
        ("defender_atp_configuration", "id = format(\"10000000-0000-4000-8000-%012d\", count.index)"),
        ("defender_edr_policy", "name = \"Policy ${count.index}\""),
    ] {
        plan_takes_at_most(20, data_source, argument);
    }
}

pub fn two_hundred_look_ups_of_groups_and_assignments_share_batches() {
    for (data_source, argument) in [
        ("defender_group", "display_name = \"Group ${count.index}\""),
        ("defender_group", "id = format(\"30000000-0000-4000-8000-%012d\", count.index)"),
        (
            "defender_atp_assignment",
            "device_configuration_id = format(\"10000000-0000-4000-8000-%012d\", count.index)",
        ),
        (
            "defender_edr_assignment",
            "configuration_policy_id = format(\"20000000-0000-4000-8000-%012d\", count.index)",
        ),
    ] {
        plan_takes_at_most(50, data_source, argument);
    }
}
