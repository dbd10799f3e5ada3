//! The command `check`, run by hand against the emulator: what it prints, and its status.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail loudly")]
#![allow(dead_code, reason = "the support serves several test targets")]

#[path = "support/for_check.rs"]
mod support;

use std::process::Command;

use support::command::{Finished, Running};
use support::directory::{self, ALL, CLIENT_ID, READ_ONLY, SECRET, TENANT_ID};
use support::emulator::Emulator;
use support::tenant::Tenant;

fn emulator(roles: &[&str]) -> Emulator {
    Emulator::start(&Tenant::default().with_directory(&directory::directory(roles)))
}

/// Runs `check` as the application with this secret, and nothing else in the environment.
fn check(emulator: &Emulator, secret: &str) -> Finished {
    check_with(&[
        ("DEFENDER_GRAPH_ENDPOINT", emulator.origin()),
        ("ARM_ACTIVE_DIRECTORY_AUTHORITY_HOST", emulator.origin()),
        ("ARM_TENANT_ID", TENANT_ID),
        ("ARM_CLIENT_ID", CLIENT_ID),
        ("ARM_CLIENT_SECRET", secret),
    ])
}

fn check_with(variables: &[(&str, &str)]) -> Finished {
    let mut command = Command::new(env!("CARGO_BIN_EXE_terraform-provider-defender"));
    command.arg("check").env_clear().envs(variables.iter().copied());
    command.stdin(std::process::Stdio::null());
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    Running::start(command).finish()
}

fn shows_no_secret(finished: &Finished) {
    for secret in [SECRET, "eyJhbGciOi", "eyJ0eXAiOi"] {
        assert!(!finished.stdout.contains(secret), "{}", finished.stdout);
    }
}

#[test]
fn a_good_application_is_good() {
    let checked = check(&emulator(ALL), SECRET);
    checked.exits_with(0).says(&[
        "client secret",
        "client_secret from the environment variable ARM_CLIENT_SECRET",
        TENANT_ID,
        CLIENT_ID,
        "granted by DeviceManagementConfiguration.ReadWrite.All",
        "granted by GroupMember.Read.All",
        "Good: signed in",
    ]);
    shows_no_secret(&checked);
}

#[test]
fn a_read_only_application_lacks_a_permission() {
    let checked = check(&emulator(READ_ONLY), SECRET);
    checked.exits_with(2).says(&[
        "granted by DeviceManagementConfiguration.Read.All",
        "MISSING; grant DeviceManagementConfiguration.ReadWrite.All",
        "terraform plan works with this identity, terraform apply does not",
        "admin consent",
    ]);
    shows_no_secret(&checked);
}

#[test]
fn an_application_without_permissions_is_refused_by_graph_as_well() {
    let checked = check(&emulator(&[]), SECRET);
    checked.exits_with(2).says(&["MISSING; grant DeviceManagementConfiguration.Read.All", "status 403"]);
}

#[test]
fn a_wrong_secret_does_not_sign_in() {
    let checked = check(&emulator(ALL), "wrong~Q8.client-secret-of-the-tests~x3");
    checked.exits_with(1).says(&["AADSTS7000215", "ARM_CLIENT_SECRET", "client secret"]);
    assert!(!checked.stdout.contains("wrong~Q8"));
}

#[test]
fn half_an_identity_says_what_is_missing() {
    check_with(&[("ARM_CLIENT_ID", CLIENT_ID)]).exits_with(1).says(&["Not signed in", "tenant_id", "ARM_CLIENT_ID"]);
}

#[test]
fn an_opaque_token_is_judged_by_graph_alone() {
    let emulator = emulator(ALL);
    let checked = check_with(&[
        ("DEFENDER_GRAPH_ENDPOINT", emulator.origin()),
        ("DEFENDER_ACCESS_TOKEN", "placeholder-of-the-tests"),
    ]);
    checked.exits_with(0).says(&["access token", "opaque", "not known"]);
    assert!(!checked.stdout.contains("placeholder-of-the-tests"));
}

#[test]
fn a_graph_that_is_not_there_is_no_good() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let checked = check_with(&[
        ("DEFENDER_GRAPH_ENDPOINT", &format!("http://{closed}")),
        ("DEFENDER_ACCESS_TOKEN", "placeholder-of-the-tests"),
    ]);
    checked.exits_with(1).says(&["was not reached"]);
}
