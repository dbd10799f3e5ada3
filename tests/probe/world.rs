//! An emulator with what the probe needs, and runs of the probe against it.

use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};
use terraform_provider_defender::emulator::{Emulator, Options, Semantics, Tenant};

pub const GROUP: &str = "5f8bd3bd-0e2c-4f9d-8f53-2f9c1a4d7c11";
pub const BASELINE: &str = "0b8a3d5e-5c0f-4a55-9a07-3a1d0a5c6d01";

/// The emulator of a test tenant: a policy that must stay, a group, and filters of two platforms.
pub fn emulator(options: Options) -> Emulator {
    let tenant = json!({
        "deviceConfigurations": [{"id": BASELINE, "displayName": "Baseline"}],
        "groups": [{"id": GROUP, "displayName": "Empty"}],
        "assignmentFilters": [
            {"displayName": "Corporate", "platform": "windows10AndLater"},
            {"displayName": "Phones", "platform": "iOS"},
        ],
    });
    Emulator::start(Tenant::from_json(tenant).unwrap(), options).unwrap()
}

/// The choices of the emulator's binary.
pub fn defaults() -> Options {
    Options { semantics: Semantics::for_modules(), ..Options::default() }
}

/// The probe against an emulator, not started yet.
pub fn command(emulator: &Emulator, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_terraform-provider-defender"));
    command.arg("probe").args(arguments).env_clear();
    command.env("DEFENDER_GRAPH_ENDPOINT", emulator.base_url()).env("DEFENDER_ACCESS_TOKEN", "token");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs the probe to its end: exit status and stdout. Nothing may be on stderr.
pub fn run(emulator: &Emulator, arguments: &[&str]) -> (Option<i32>, String) {
    let Output { status, stdout, stderr } = command(emulator, arguments).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&stderr), "");
    (status.code(), String::from_utf8(stdout).unwrap())
}

/// The report as JSON.
pub fn report(emulator: &Emulator) -> Value {
    let (status, text) = run(emulator, &["--yes", "--json", "--group", GROUP]);
    assert_eq!(status, Some(0), "{text}");
    must_be_clean(emulator);
    serde_json::from_str(&text).unwrap()
}

/// The ids of the questions with this result.
pub fn with_result(report: &Value, result: &str) -> Vec<String> {
    let questions = report["questions"].as_array().unwrap().iter();
    let named = questions.filter(|question| question["result"] == result);
    named.map(|question| question["id"].as_str().unwrap().to_owned()).collect()
}

/// Only the policy of the start is left.
pub fn must_be_clean(emulator: &Emulator) {
    assert_eq!(policies(emulator), ["Baseline"]);
}

/// The names of all policies.
pub fn policies(emulator: &Emulator) -> Vec<String> {
    let url = format!("{}/beta/deviceManagement/deviceConfigurations", emulator.base_url());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let list: Value = runtime.block_on(async {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        client.get(url).bearer_auth("token").send().await.unwrap().json().await.unwrap()
    });
    list["value"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["displayName"].as_str().unwrap().to_owned())
        .collect()
}
