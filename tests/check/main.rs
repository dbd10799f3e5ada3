//! The command `check` against the emulator: its report and its exit status.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail loudly"
)]
#![allow(dead_code, reason = "the support serves several test targets")]

#[path = "../support/for_check.rs"]
mod support;

use std::collections::BTreeMap;
use std::process::Command;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use terraform_provider_defender::check::{Outcome, Purpose, examine_within};

use support::closed_port::ClosedPort;
use support::command::{Finished, Running};
use support::directory::{self, ALL, CLIENT_ID, SECRET, TENANT_ID};
use support::emulator::Emulator;
use support::tenant::Tenant;

fn emulator(roles: &[&str]) -> Emulator {
    Emulator::start(&Tenant::default().with_directory(&directory::directory(roles)))
}

/// Runs `check` as the application with this secret, and nothing else in the environment.
fn check(emulator: &Emulator, secret: &str) -> Finished {
    check_with(&as_application(emulator, secret))
}

fn as_application<'a>(emulator: &'a Emulator, secret: &'a str) -> [(&'static str, &'a str); 5] {
    [
        ("DEFENDER_GRAPH_ENDPOINT", emulator.origin()),
        ("ARM_ACTIVE_DIRECTORY_AUTHORITY_HOST", emulator.origin()),
        ("ARM_TENANT_ID", TENANT_ID),
        ("ARM_CLIENT_ID", CLIENT_ID),
        ("ARM_CLIENT_SECRET", secret),
    ]
}

fn check_with(variables: &[(&str, &str)]) -> Finished {
    run(&["check"], variables)
}

fn run(arguments: &[&str], variables: &[(&str, &str)]) -> Finished {
    let mut command = Command::new(env!("CARGO_BIN_EXE_terraform-provider-defender"));
    command.args(arguments).env_clear().envs(variables.iter().copied());
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
fn an_application_with_all_permissions_passes() {
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
    let checked =
        check(&emulator(&["DeviceManagementConfiguration.Read.All", "GroupMember.Read.All"]), SECRET);
    checked.exits_with(2).says(&[
        "granted by DeviceManagementConfiguration.Read.All",
        "MISSING; grant DeviceManagementConfiguration.ReadWrite.All",
        "terraform plan works with this identity, but terraform apply does not",
        "admin consent",
    ]);
    shows_no_secret(&checked);
}

#[test]
fn an_application_without_permissions_is_rejected_by_graph_too() {
    let checked = check(&emulator(&[]), SECRET);
    checked.exits_with(2).says(&["MISSING; grant DeviceManagementConfiguration.Read.All", "status 403"]);
}

/// The variables of a system without CA certificates.
fn without_certificates(folder: &std::path::Path) -> [(&'static str, String); 2] {
    let file = folder.join("empty.pem");
    std::fs::write(&file, "").unwrap();
    [
        ("SSL_CERT_FILE", file.to_str().unwrap().to_owned()),
        ("SSL_CERT_DIR", folder.to_str().unwrap().to_owned()),
    ]
}

#[test]
fn plain_http_on_loopback_needs_no_certificates() {
    let (emulator, folder) = (emulator(ALL), tempfile::tempdir().unwrap());
    let certificates = without_certificates(folder.path());
    let mut variables = as_application(&emulator, SECRET).to_vec();
    variables.extend(certificates.iter().map(|(name, value)| (*name, value.as_str())));
    check_with(&variables).exits_with(0).says(&["Good: signed in"]);
}

// Windows and macOS use the certificate store of the system.
#[cfg(not(any(windows, target_vendor = "apple")))]
#[test]
fn https_without_certificates_says_what_to_install() {
    let folder = tempfile::tempdir().unwrap();
    let certificates = without_certificates(folder.path());
    let mut variables =
        vec![("DEFENDER_GRAPH_ENDPOINT", "https://127.0.0.1:9"), ("DEFENDER_ACCESS_TOKEN", "offline-token")];
    variables.extend(certificates.iter().map(|(name, value)| (*name, value.as_str())));
    check_with(&variables).exits_with(1).says(&["ca-certificates", "SSL_CERT_FILE"]);
}

#[test]
fn a_wrong_secret_does_not_sign_in() {
    let checked = check(&emulator(ALL), "wrong~Q8.client-secret-of-the-tests~x3");
    checked.exits_with(1).says(&["AADSTS7000215", "ARM_CLIENT_SECRET", "client secret"]);
    assert!(!checked.stdout.contains("wrong~Q8"));
}

#[test]
fn an_incomplete_application_shows_what_is_missing() {
    check_with(&[("ARM_CLIENT_ID", CLIENT_ID)]).exits_with(1).says(&[
        "Not signed in",
        "client_secret",
        "ARM_CLIENT_ID",
    ]);
}

#[test]
fn an_opaque_token_is_tested_by_graph_only() {
    let emulator = emulator(ALL);
    let checked = check_with(&[
        ("DEFENDER_GRAPH_ENDPOINT", emulator.origin()),
        ("DEFENDER_ACCESS_TOKEN", "placeholder-of-the-tests"),
    ]);
    checked.exits_with(0).says(&["access token", "opaque", "not known", "Whether it may write is not known"]);
    assert!(!checked.stdout.contains("placeholder-of-the-tests"));
    assert!(!checked.stdout.contains("every required permission is granted"));
}

#[test]
fn a_read_only_application_passes_for_plans() {
    let reading = &["DeviceManagementConfiguration.Read.All"];
    let (reader, other) = (emulator(reading), emulator(&["GroupMember.Read.All"]));
    let checked = run(&["check", "--plan"], &as_application(&reader, SECRET));
    checked.exits_with(0).says(&["every permission that terraform plan requires is granted"]);
    assert!(!checked.stdout.contains("MISSING"), "{}", checked.stdout);
    let checked = run(&["check", "--plan"], &as_application(&other, SECRET));
    checked.exits_with(2).says(&["MISSING; grant DeviceManagementConfiguration.Read.All"]);
}

#[test]
fn advice_for_a_managed_identity_does_not_mention_consent() {
    for roles in [&["DeviceManagementConfiguration.Read.All"][..], &[]] {
        let emulator = emulator(roles);
        let checked = check_with(&[
            ("DEFENDER_GRAPH_ENDPOINT", emulator.origin()),
            ("ARM_USE_MSI", "true"),
            ("ARM_MSI_ENDPOINT", &format!("{}/metadata/identity/oauth2/token", emulator.origin())),
        ]);
        checked.exits_with(2).says(&["Assign it to the managed identity as an app role"]);
        assert!(!checked.stdout.contains("consent"), "{}", checked.stdout);
    }
}

/// The issuer of a token controls the text of its claims.
#[test]
fn claims_cannot_control_a_terminal() {
    let claims = serde_json::json!({
        "tid": "t\u{1b}[2J", "appid": "a\nGood: signed in", "app_displayname": "\u{202e}evil", "aud": "x".repeat(2_000),
        "roles": (0..500).map(|number| format!("Role{number}.\u{1b}]0;x\u{7}")).collect::<Vec<_>>(),
    });
    let token = format!("eyJ0.{}.sig", URL_SAFE_NO_PAD.encode(claims.to_string()));
    let emulator = emulator(ALL);
    let checked =
        check_with(&[("DEFENDER_GRAPH_ENDPOINT", emulator.origin()), ("DEFENDER_ACCESS_TOKEN", &token)]);
    let is_control = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
    assert!(!checked.stdout.contains(is_control), "{:?}", checked.stdout);
    assert!(!checked.stdout.lines().any(|line| line.starts_with("Good")), "{}", checked.stdout);
    assert!(checked.stdout.len() < 8_000, "{}", checked.stdout.len());
    checked.says(&["\\u{1b}[2J", "\\u{202e}evil", "and 480 others"]);
}

/// A service that accepts connections and never answers.
#[test]
fn a_check_ends_in_time_if_a_service_is_silent() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = format!("http://{}", silent.local_addr().unwrap());
    let emulator = emulator(ALL);
    for (authority, graph, expected) in [
        (silent.as_str(), emulator.origin(), "no token was received within 0 seconds"),
        (emulator.origin(), silent.as_str(), "Microsoft Graph did not answer within the 0 seconds"),
    ] {
        let variables: BTreeMap<&str, String> = [
            ("DEFENDER_GRAPH_ENDPOINT", graph),
            ("ARM_ACTIVE_DIRECTORY_AUTHORITY_HOST", authority),
            ("ARM_TENANT_ID", TENANT_ID),
            ("ARM_CLIENT_ID", CLIENT_ID),
            ("ARM_CLIENT_SECRET", SECRET),
        ]
        .map(|(name, value)| (name, value.to_owned()))
        .into();
        let environment = Box::new(move |name: &str| variables.get(name).cloned());
        let limit = Duration::from_millis(700);
        let (text, outcome) = examine_within(limit, environment, Purpose::PlanAndApply);
        assert!(text.contains(expected), "{text}");
        assert_eq!(outcome, Outcome::NotSignedIn);
    }
}

#[test]
fn an_unreachable_graph_fails() {
    let closed = ClosedPort::new();
    let checked = check_with(&[
        ("DEFENDER_GRAPH_ENDPOINT", closed.origin()),
        ("DEFENDER_ACCESS_TOKEN", "placeholder-of-the-tests"),
    ]);
    checked.exits_with(1).says(&["was not reached"]);
}
