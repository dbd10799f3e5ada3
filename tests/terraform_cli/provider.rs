//! The provider as a whole: where its settings come from, what it keeps to itself, what it writes where.

use super::stage::{Stage, assignment};
use crate::support::target::Target;
use crate::support::tenant::{POLICY, WORKSTATIONS};

pub fn validate_needs_neither_network_nor_credentials() {
    let mut stage = Stage::new();
    stage.folder.unset("DEFENDER_ACCESS_TOKEN");
    stage.configure(&format!(
        "provider \"defender\" {{}}\n{}",
        assignment(POLICY, &[Target::group(WORKSTATIONS)])
    ));
    stage.folder.run(&["validate"]).succeeds();
    assert_eq!(stage.emulator.calls(), Vec::<String>::new());
    stage.folder.unset("DEFENDER_GRAPH_ENDPOINT");
    stage.folder.run(&["validate"]).succeeds();
}

pub fn a_provider_block_is_enough() {
    let mut stage = Stage::new();
    stage.folder.unset("DEFENDER_ACCESS_TOKEN");
    stage.folder.unset("DEFENDER_GRAPH_ENDPOINT");
    // A trailing slash is what people copy.
    stage.configure(&with_provider_block(&format!("{}/", stage.emulator.origin()), "\"from-the-block\""));
    stage.folder.apply().succeeds();
    stage.plan().must_be_empty();
    stage.emulator.must_hold(POLICY, &[Target::group(WORKSTATIONS)]);
}

pub fn the_token_is_nowhere_to_be_read() {
    const SECRET: &str = "eyJ-a-token-that-nobody-may-see";
    let mut stage = Stage::new();
    stage.folder.unset("DEFENDER_ACCESS_TOKEN");
    stage.folder.set("TF_VAR_token", SECRET);
    stage.folder.set("TF_LOG_PROVIDER", "TRACE");
    stage.folder.set("TF_LOG_PATH", stage.folder.path().join("provider.log"));
    let variable = "variable \"token\" {\n  type = string\n}\n";
    let configuration = with_provider_block(stage.emulator.origin(), "var.token");
    stage.configure(&format!("{variable}{configuration}"));
    let plan = stage.plan();
    let applied = stage.folder.apply();
    applied.succeeds();
    let (stored, log) = (stage.folder.read("terraform.tfstate"), stage.folder.read("provider.log"));
    assert!(log.contains("defender"), "the provider logs when it is asked to");
    for text in [&plan.finished.stdout, &applied.stdout, &stored, &log] {
        assert!(!text.contains(SECRET), "the token stands in:\n{text}");
    }
}

/// Terraform takes a provider's standard error away, so a script in between writes it to a file.
#[cfg(unix)]
pub fn nothing_on_standard_error_unless_asked() {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use crate::support::processes::PROVIDER;
    use crate::support::tenant::KIOSKS;

    let mut stage = Stage::new();
    let caught = stage.folder.path().join("stderr.txt");
    let program = stage.folder.path().join("terraform-provider-defender");
    fs::write(&program, format!("#!/bin/sh\nexec '{PROVIDER}' \"$@\" 2>>'{}'\n", caught.display())).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    stage.folder.use_provider_from(&stage.folder.path());

    stage.apply_assigned(&[Target::group(WORKSTATIONS), Target::exclusion(KIOSKS)]);
    stage.folder.destroy().succeeds();
    assert_eq!(fs::read_to_string(&caught).unwrap(), "");

    stage.folder.set("TF_LOG_PROVIDER", "DEBUG");
    stage.folder.set("TF_LOG_PATH", stage.folder.path().join("terraform.log"));
    stage.plan();
    assert_ne!(fs::read_to_string(&caught).unwrap(), "", "the script does catch what the provider writes");
}

#[cfg(not(unix))]
pub fn nothing_on_standard_error_unless_asked() {}

pub fn plugin_without_tls() {
    let mut stage = Stage::new();
    stage.folder.set("TF_DISABLE_PLUGIN_TLS", "1");
    stage.apply_assigned(&[Target::group(WORKSTATIONS)]);
    stage.emulator.must_hold(POLICY, &[Target::group(WORKSTATIONS)]);
}

fn with_provider_block(endpoint: &str, token: &str) -> String {
    let resource = assignment(POLICY, &[Target::group(WORKSTATIONS)]);
    format!(
        "provider \"defender\" {{\n  graph_endpoint = {endpoint:?}\n  access_token = {token}\n}}\n{resource}"
    )
}
