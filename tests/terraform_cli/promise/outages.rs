//! Outages cost a command seconds once, not minutes for every ten resources, and the message says which host it is about
//! and where its name comes from. The bounds on time are there to notice a hang; what is counted are attempts.

use std::time::{Duration, Instant};

use serde_json::json;

use super::APPLY;
use crate::scenarios::stage::{Stage, assignment_for_each, assignment_with, set};
use crate::support::closed_port::ClosedPort;
use crate::support::command::Finished;
use crate::support::target::Target;
use crate::support::tenant::{KIOSKS, Tenant, WORKSTATIONS};

/// Far less than attempts that are made for every ten resources would take.
const BOUND: Duration = Duration::from_secs(25);

fn ids(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("60000000-0000-4000-8000-0000000000{number:02}")).collect()
}

fn targets() -> [Target; 2] {
    [Target::group(WORKSTATIONS), Target::exclusion(KIOSKS)]
}

/// So many policies, configured.
fn configured(count: usize, more: &str) -> Stage {
    let ids = ids(count);
    let tenant = ids.iter().fold(Tenant::default(), |tenant, id| tenant.with_policy(id));
    let stage = Stage::with_tenant(&tenant);
    let resource =
        assignment_with("each.value", &set(&targets()), &format!("{more}\n  for_each = toset({ids:?})"));
    stage.configure(&resource.replace("\"each.value\"", "each.value"));
    stage
}

/// Runs a command that must not take long.
fn in_time(stage: &Stage, command: &[&str]) -> Finished {
    let begun = Instant::now();
    let finished = stage.folder.run(command);
    let took = begun.elapsed();
    println!("{command:?}: {took:?}");
    assert!(took < BOUND, "{took:?}\n{}\n{}", finished.stdout, finished.stderr);
    finished
}

pub fn creates_against_a_dead_host_are_one_error_that_names_it_and_its_variable() {
    let mut stage = configured(20, "");
    let closed = ClosedPort::new();
    let origin = closed.origin();
    stage.folder.set("DEFENDER_GRAPH_ENDPOINT", origin);
    is_explained_once(&in_time(&stage, &["plan"]), origin, "DEFENDER_GRAPH_ENDPOINT");
}

pub fn creates_against_a_dead_host_of_the_provider_block_name_the_argument() {
    let stage = configured(20, "");
    let closed = ClosedPort::new();
    let origin = closed.origin();
    let block = format!("provider \"defender\" {{\n  graph_endpoint = {origin:?}\n}}\n");
    let resource = assignment_for_each(&ids(20), &targets());
    stage.configure(&format!("{block}{resource}"));
    is_explained_once(&in_time(&stage, &["plan"]), origin, "graph_endpoint");
}

/// Every resource has an error. One explains the cause; the others refer to it in a line.
fn is_explained_once(plan: &Finished, origin: &str, source: &str) {
    let host = origin.trim_start_matches("http://");
    plan.fails_with(&[host, source]);
    let text = plan.diagnostics();
    let explained = text.split("Error: ").skip(1).filter(|one| one.contains(source)).count();
    assert_eq!(explained, 1, "{text}");
}

pub fn creates_without_the_permission_to_read_policies_are_one_error() {
    let stage = configured(20, "");
    stage.emulator.fault(&json!({"match": {"path": "/deviceConfigurations"}, "times": null, "status": 403}));
    let plan = in_time(&stage, &["plan"]);
    plan.fails_with(&["DeviceManagementConfiguration.Read.All"]);
    let text = plan.diagnostics();
    let explained = text.split("Error: ").skip(1).filter(|one| one.contains(".Read.All")).count();
    assert_eq!(explained, 1, "{text}");
}

pub fn creates_with_a_directory_that_fails_ask_it_a_few_times_in_all() {
    let stage = configured(30, "");
    stage.emulator.fault(&json!({"match": {"path": "/getByIds"}, "times": null, "status": 500}));
    let plan = in_time(&stage, &["plan", "-detailed-exitcode"]);
    plan.exits_with(2).says(&["groups could not be checked"]);
    let asked = stage.emulator.calls().iter().filter(|call| call.contains("/getByIds")).count();
    assert!(asked <= 10, "groups were looked up {asked} times");
}

pub fn a_refresh_of_many_against_a_gateway_that_fails_ends_after_one_time_out() {
    let stage = configured(40, "  timeouts {\n    read = \"15s\"\n  }");
    stage.folder.run(APPLY).succeeds();
    stage.emulator.fault(&json!([
        {"match": {"path": "/deviceManagement"}, "times": null, "status": 502},
        {"match": {"path": "/$batch"}, "times": null, "status": 502},
    ]));
    in_time(&stage, &["plan"]).fails_with(&["not available"]);
    stage.emulator.no_more_faults();
    stage.plan().must_be_empty();
}
