//! Plans with many look-ups by data sources. For comparison, a plan of as many `terraform_data`.

use std::fmt::Write as _;

use serde_json::{Value, json};
use terraform_provider_defender::emulator::{Emulator, Options, Tenant};

use crate::support::terraform::Folder;
use crate::{Measured, PLANS, Pair, median, print, run};

const HEADER: &str =
    "terraform {\n  required_providers {\n    defender = { source = \"defender-atp/defender\" }\n  }\n}\n";
const PLAN: &[&str] = &["plan", "-no-color", "-input=false"];

/// A data source, and the argument that looks up the object of a number.
const LOOKUPS: [(&str, &str); 5] = [
    ("defender_group", "display_name = \"Group ${count.index}\""),
    ("defender_assignment_filter", "display_name = \"Filter ${count.index}\""),
    ("defender_atp_configuration", "display_name = \"Policy ${count.index}\""),
    ("defender_edr_policy", "name = \"Policy ${count.index}\""),
    (
        "defender_atp_assignment",
        "device_configuration_id = format(\"10000000-0000-4000-8000-%012d\", count.index)",
    ),
];

pub fn measure(number: usize) {
    for (data_source, argument) in LOOKUPS {
        let name = format!("{data_source} ×{number}");
        report(number, &name, &configuration(&[(data_source, argument, number)]));
    }
    let share = number / LOOKUPS.len();
    let mixed = LOOKUPS.map(|(data_source, argument)| (data_source, argument, share));
    report(number, "look-ups, mixed", &configuration(&mixed));
}

fn report(number: usize, name: &str, configuration: &str) {
    let options = Options { latency: std::time::Duration::from_millis(50), ..Options::default() };
    let emulator = Emulator::start(tenant(number), options).unwrap();
    let mut folder = Folder::new();
    folder.set("DEFENDER_GRAPH_ENDPOINT", emulator.base_url());
    folder.set("DEFENDER_ACCESS_TOKEN", "token");
    folder.write("main.tf", configuration);
    let floor = Folder::new();
    floor.write(
        "main.tf",
        &format!("resource \"terraform_data\" \"this\" {{\n  count = {number}\n  input = count.index\n}}\n"),
    );
    let requests = || emulator.calls().iter().filter(|call| call.envelope.is_none()).count();
    let plans = (0..PLANS).map(|_| {
        let Measured { seconds: floor_seconds, .. } = run(&floor, &requests, PLAN);
        Pair { ours: run(&folder, &requests, PLAN), floor_seconds }
    });
    print(number, name, &median(plans.collect()));
}

fn configuration(lookups: &[(&str, &str, usize)]) -> String {
    let mut text = HEADER.to_owned();
    for (data_source, argument, count) in lookups {
        writeln!(text, "data {data_source:?} \"this\" {{\n  count = {count}\n  {argument}\n}}").unwrap();
    }
    text
}

fn tenant(number: usize) -> Tenant {
    let id = |kind: u8, number: usize| format!("{kind}0000000-0000-4000-8000-{number:012}");
    let many = |one: &dyn Fn(usize) -> Value| (0..number).map(one).collect::<Value>();
    let document = json!({
        "deviceConfigurations": many(&|number| json!({
            "@odata.type": "#microsoft.graph.windowsDefenderAdvancedThreatProtectionConfiguration",
            "id": id(1, number), "displayName": format!("Policy {number}"), "assignments": []})),
        "configurationPolicies":
            many(&|number| json!({"id": id(2, number), "name": format!("Policy {number}")})),
        "groups": many(&|number| json!({"id": id(3, number), "displayName": format!("Group {number}")})),
        "assignmentFilters": many(&|number| json!({"id": id(4, number),
            "displayName": format!("Filter {number}"), "platform": "windows10AndLater", "rule": "(device.model -eq \"x\")"})),
    });
    Tenant::from_json(document).unwrap()
}
