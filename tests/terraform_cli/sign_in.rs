//! Failed sign-ins, as Terraform shows them.

use super::stage::{Stage, assignment_for_each};
use crate::support::directory::{self, ALL, CLIENT_ID, TENANT_ID};
use crate::support::emulator::Emulator;
use crate::support::target::Target;
use crate::support::tenant::{Tenant, WORKSTATIONS};

const WRONG: &str = "wrong~Q8.client-secret-of-the-scenarios~x2";

/// Ten policies in the state, and afterwards a wrong secret.
fn ten_policies_and_a_wrong_secret() -> Stage {
    let policies: Vec<String> =
        (0..10).map(|n| format!("0b8a3d5e-7c41-4f2a-9d36-58e1b0c7f3{n:02}")).collect();
    let tenant = policies.iter().fold(Tenant::default(), |tenant, id| tenant.with_policy(id));
    let tenant = tenant.with_directory(&directory::directory(ALL));
    let mut stage = Stage::with_emulator(Emulator::start(&tenant));
    stage.configure(&assignment_for_each(&policies, &[Target::group(WORKSTATIONS)]));
    stage.folder.apply().succeeds();
    let origin = stage.emulator.origin().to_owned();
    stage.folder.unset("DEFENDER_ACCESS_TOKEN");
    for (name, value) in [
        ("ARM_ACTIVE_DIRECTORY_AUTHORITY_HOST", origin.as_str()),
        ("ARM_TENANT_ID", TENANT_ID),
        ("ARM_CLIENT_ID", CLIENT_ID),
        ("ARM_CLIENT_SECRET", WRONG),
    ] {
        stage.folder.set(name, value);
    }
    stage
}

pub fn ten_reads_with_a_wrong_secret_make_one_token_request_and_one_full_message() {
    let stage = ten_policies_and_a_wrong_secret();
    let planned = stage.folder.run(&["plan"]);
    planned.fails_with(&["AADSTS7000215", "the environment variable ARM_CLIENT_SECRET", "client secret"]);
    assert!(!planned.stderr.contains(WRONG));
    assert_eq!(stage.emulator.token_requests().len(), 1, "one request for all");
    let diagnostics = planned.diagnostics();
    let errors: Vec<&str> = diagnostics.split("Error: ").skip(1).collect();
    let complete = errors.iter().filter(|error| error.contains("AADSTS7000215")).count();
    assert_eq!((errors.len(), complete), (10, 1), "one complete message:\n{diagnostics}");
    let reference = "Not signed in; see the error: Sign-in failed: the client secret is wrong";
    let references = errors.iter().filter(|error| error.starts_with(reference)).count();
    assert_eq!(references, 9, "the others refer to it:\n{diagnostics}");
}

pub fn nothing_is_sent_and_no_certificate_read_before_graph_is_needed() {
    let mut stage = ten_policies_and_a_wrong_secret();
    let calls = stage.emulator.calls().len();
    // Building a client for https would fail with it.
    stage.folder.set("SSL_CERT_FILE", "/nonexistent/bundle.pem");
    stage.folder.set("DEFENDER_GRAPH_ENDPOINT", "https://127.0.0.1:9");
    stage.folder.run(&["validate"]).succeeds();
    stage.folder.run(&["plan", "-refresh=false"]).succeeds();
    assert_eq!((stage.emulator.token_requests().len(), stage.emulator.calls().len()), (0, calls));
}
