//! Answers, addresses and files that mean no good, and what Terraform shows of them.

use std::process::Command;

use serde_json::json;

use super::stage::{Stage, assignment};
use crate::support::command::Finished;
use crate::support::directory::{self, ALL, CLIENT_ID, REQUEST_TOKEN, SECRET, TENANT_ID};
use crate::support::emulator::Emulator;
use crate::support::listener::Listener;
use crate::support::target::Target;
use crate::support::tenant::{POLICY, Tenant, WORKSTATIONS};

const TOKEN: &str = "opaque-token-that-must-not-be-seen-5f0e";
const IDENTITY_HEADER: &str = "853b9a84-5bfa-4b22-a3f3-0b9a43d9ad8a";

/// A tenant that knows the application, and no credentials yet.
fn stage() -> Stage {
    let tenant = Tenant::default().with_directory(&directory::directory(ALL));
    let mut stage = Stage::with_emulator(Emulator::start(&tenant));
    stage.configure(&assignment(POLICY, &[Target::group(WORKSTATIONS)]));
    stage.folder.unset("DEFENDER_ACCESS_TOKEN");
    let origin = stage.emulator.origin().to_owned();
    stage.folder.set("ARM_ACTIVE_DIRECTORY_AUTHORITY_HOST", origin);
    stage
}

fn as_application() -> Stage {
    let mut stage = stage();
    stage.folder.set("ARM_TENANT_ID", TENANT_ID);
    stage.folder.set("ARM_CLIENT_ID", CLIENT_ID);
    stage
}

fn does_not_show(finished: &Finished, secret: &str) {
    for text in [&finished.stdout, &finished.stderr] {
        assert!(!text.to_lowercase().contains(&secret.to_lowercase()), "{text}");
    }
}

pub fn odd_answers_of_the_authority_are_not_shown() {
    let mut stage = as_application();
    stage.folder.set("ARM_CLIENT_SECRET", SECRET);
    stage.folder.set("TF_LOG", "TRACE");
    let token = json!({"access_token": TOKEN, "expires_in": 3599, "token_type": "Bearer"}).to_string();
    let cut_off = &token[..token.len() - 3];
    for body in [cut_off.to_owned(), format!("[{token}]"), format!("\u{feff}{cut_off}")] {
        stage.emulator.fault(&json!({"match": {"path": "oauth2"}, "status": 200, "body": body}));
        let planned = stage.folder.run(&["plan"]);
        planned.fails_with(&["returned no usable token", "The body is not shown"]);
        does_not_show(&planned, TOKEN);
    }
    // A byte order mark alone is no reason to refuse a token.
    let marked = format!("\u{feff}{token}");
    stage.emulator.fault(&json!({"match": {"path": "oauth2"}, "status": 200, "body": marked}));
    let planned = stage.folder.run(&["plan"]);
    assert_eq!(planned.code, Some(0), "{}", planned.stderr);
    does_not_show(&planned, TOKEN);
    stage.folder.unset("TF_LOG");
}

pub fn an_odd_answer_of_a_pipeline_is_not_shown() {
    let mut stage = as_application();
    let pipeline = Listener::answering(200, &json!([{ "value": TOKEN }]).to_string());
    stage.folder.set("ARM_USE_OIDC", "true");
    stage.folder.set("ACTIONS_ID_TOKEN_REQUEST_URL", format!("{}/x", pipeline.root()));
    stage.folder.set("ACTIONS_ID_TOKEN_REQUEST_TOKEN", REQUEST_TOKEN);
    let planned = stage.folder.run(&["plan"]);
    planned.fails_with(&["GitHub Actions issued no OIDC token", "are not a JSON object"]);
    does_not_show(&planned, TOKEN);
}

pub fn the_header_of_app_service_is_not_shown() {
    let mut stage = stage();
    let page = format!("you sent X-IDENTITY-HEADER: {}", IDENTITY_HEADER.to_uppercase());
    let host = Listener::answering(400, &json!({"statusCode": 400, "message": page}).to_string());
    stage.folder.set("ARM_USE_MSI", "true");
    stage.folder.set("IDENTITY_ENDPOINT", format!("{}/msi/token", host.root()));
    stage.folder.set("IDENTITY_HEADER", IDENTITY_HEADER);
    stage.folder.set("TF_LOG", "TRACE");
    let planned = stage.folder.run(&["plan"]);
    planned.fails_with(&["you sent X-IDENTITY-HEADER: [redacted]"]);
    does_not_show(&planned, IDENTITY_HEADER);
    assert!(host.heads().iter().all(|head| head.contains(IDENTITY_HEADER)), "{:?}", host.heads());
    stage.folder.unset("TF_LOG");
}

pub fn the_header_of_app_service_goes_to_its_own_address_alone() {
    let mut stage = stage();
    let refused = json!({"error": "invalid_request", "error_description": "Identity not found"}).to_string();
    let given = Listener::answering(400, &refused);
    stage.folder.set("ARM_USE_MSI", "true");
    stage.folder.set("IDENTITY_ENDPOINT", "http://127.0.0.1:1/msi/token");
    stage.folder.set("IDENTITY_HEADER", IDENTITY_HEADER);
    stage.folder.set("ARM_MSI_ENDPOINT", format!("{}/metadata/identity/oauth2/token", given.root()));
    stage.folder.run(&["plan"]).fails_with(&["Identity not found"]);
    let heads = given.heads();
    assert!(!heads.is_empty() && heads.iter().all(|head| !head.contains(IDENTITY_HEADER)), "{heads:?}");
    stage.folder.unset("ARM_MSI_ENDPOINT");
    stage.folder.set("IDENTITY_ENDPOINT", "http://identity.example/msi/token");
    stage.folder.run(&["plan"]).fails_with(&["IDENTITY_ENDPOINT is not a valid address"]);
}

/// A pipe without a writer, and a device without end.
pub fn files_that_never_begin_or_never_end_are_refused_at_once() {
    let mut stage = as_application();
    let pipe = stage.folder.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let pipe = pipe.display().to_string();
    stage.folder.set("ARM_CLIENT_SECRET", SECRET);
    for (variable, file) in [
        ("ARM_CLIENT_ID_FILE_PATH", pipe.as_str()),
        ("ARM_CLIENT_SECRET_FILE_PATH", pipe.as_str()),
        ("ARM_CLIENT_SECRET_FILE_PATH", "/dev/zero"),
        ("ARM_OIDC_TOKEN_FILE_PATH", pipe.as_str()),
        ("ARM_CLIENT_CERTIFICATE_PATH", pipe.as_str()),
    ] {
        if variable == "ARM_OIDC_TOKEN_FILE_PATH" {
            stage.folder.unset("ARM_CLIENT_SECRET");
            stage.folder.set("ARM_USE_OIDC", "true");
        }
        stage.folder.set(variable, file);
        stage.folder.run(&["plan"]).fails_with(&["not a regular file"]);
        stage.folder.unset(variable);
        stage.folder.unset("ARM_USE_OIDC");
        stage.folder.set("ARM_CLIENT_SECRET", SECRET);
    }
    // Only https needs certificates.
    stage.folder.set("DEFENDER_GRAPH_ENDPOINT", "https://127.0.0.1:9");
    for file in [pipe.as_str(), "/dev/zero"] {
        stage.folder.set("SSL_CERT_FILE", file);
        stage.folder.run(&["plan"]).fails_with(&["not a regular file"]);
    }
}

pub fn the_token_of_a_runner_does_not_go_to_an_address_given_by_hand() {
    let mut stage = as_application();
    let foreign = Listener::answering(200, &json!({ "value": TOKEN }).to_string());
    stage.folder.set("ARM_USE_OIDC", "true");
    stage.folder.set("ARM_OIDC_REQUEST_URL", format!("{}/x", foreign.root()));
    stage.folder.set("ACTIONS_ID_TOKEN_REQUEST_TOKEN", REQUEST_TOKEN);
    stage
        .folder
        .run(&["plan"])
        .fails_with(&["missing oidc_request_token", "only to the runner's own address"]);
    assert_eq!(foreign.heads(), Vec::<String>::new());
}

/// What `terraform test` would otherwise wait two minutes for.
pub fn a_group_that_is_not_in_the_tenant_file_fails_an_apply_at_once() {
    const MISSING: &str = "99999999-9999-4999-8999-999999999999";
    let stage = Stage::new();
    stage.configure(&assignment(POLICY, &[Target::group(MISSING)]));
    let started = std::time::Instant::now();
    let applied = stage.folder.apply();
    applied.fails_with(&[&format!("The group {MISSING} is not in the tenant file")]);
    assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
}
