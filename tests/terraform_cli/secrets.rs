//! Signing in by every method with the fullest logs: plan and apply succeed, and no secret is seen on the screen, in a
//! log, in the state or in a plan.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::stage::{Stage, assignment};
use crate::support::directory::{
    self, ALL, ASSIGNED_ID, CLIENT_ID, ISSUER, REQUEST_TOKEN, SECRET, SERVICE_CONNECTION_ID, SUBJECT,
    TENANT_ID,
};
use crate::support::emulator::Emulator;
use crate::support::target::Target;
use crate::support::tenant::{LAPTOPS, POLICY, Tenant, WORKSTATIONS};

/// How every JSON web token begins that anybody makes: `{"alg":` or `{"typ":`, in base64.
const BEGINNINGS_OF_TOKENS: [&str; 2] = ["eyJhbGciOi", "eyJ0eXAiOi"];

/// Whoever signs in, and what must not be seen.
struct SignIn {
    stage: Stage,
    secrets: Vec<String>,
}

impl SignIn {
    /// With a tenant that knows the application, and without any credentials yet.
    fn new() -> Self {
        let tenant = Tenant::default().with_directory(&directory::directory(ALL));
        let mut stage = Stage::with_emulator(Emulator::start(&tenant));
        stage.folder.unset("DEFENDER_ACCESS_TOKEN");
        let origin = stage.emulator.origin().to_owned();
        stage.folder.set("ARM_ACTIVE_DIRECTORY_AUTHORITY_HOST", origin);
        Self { stage, secrets: Vec::new() }
    }

    /// As the application of the tenant.
    fn as_application() -> Self {
        Self::new().with("ARM_TENANT_ID", TENANT_ID).with("ARM_CLIENT_ID", CLIENT_ID)
    }

    fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.stage.folder.set(name, value.into());
        self
    }

    /// A variable whose value must not be seen.
    fn with_secret(mut self, name: &'static str, value: &str) -> Self {
        self.stage.folder.set(name, value);
        self.secrets.push(value.to_owned());
        self
    }

    /// A variable that names a file whose content must not be seen.
    fn with_secret_in(mut self, name: &'static str, content: &str) -> Self {
        self.secrets.push(content.trim().to_owned());
        let path = self.file(name, &format!("{content}\n"));
        self.with(name, path)
    }

    fn file(&self, name: &str, content: &str) -> String {
        self.stage.folder.write(name, content);
        self.stage.folder.path().join(name).display().to_string()
    }

    /// A token that the tenant's federated credential takes.
    fn federated_token(&self) -> String {
        self.stage.emulator.federated_token(ISSUER, SUBJECT)
    }

    fn origin(&self) -> String {
        self.stage.emulator.origin().to_owned()
    }

    /// Plans and applies, updates under another log, and searches everything that came of it.
    fn signs_in_unseen(self, credential: Option<&str>) {
        let Self { mut stage, secrets } = self;
        stage.configure(&assignment(POLICY, &[Target::group(WORKSTATIONS)]));
        stage.folder.set("TF_LOG", "TRACE");
        let planned = stage.folder.run(&["plan", "-out=saved.tfplan"]);
        let applied = stage.folder.run(&["apply", "saved.tfplan"]);
        let shown = stage.folder.run(&["show", "-json", "saved.tfplan"]);
        stage.configure(&assignment(POLICY, &[Target::group(LAPTOPS)]));
        stage.folder.set("TF_LOG_PATH", "terraform.log");
        let updated = stage.folder.apply();
        for finished in [&planned, &applied, &shown, &updated] {
            assert_eq!(finished.code, Some(0), "{}\n{}", finished.stdout, finished.stderr);
        }
        let mut seen = vec![];
        for finished in [planned, applied, shown, updated] {
            seen.push((format!("stdout of {}", finished.command), finished.stdout));
            seen.push((format!("stderr of {}", finished.command), finished.stderr));
        }
        for file in ["terraform.log", "terraform.tfstate", "terraform.tfstate.backup"] {
            seen.push((file.to_owned(), text_of(&stage.folder.path().join(file))));
        }
        assert!(seen.iter().any(|(_, text)| text.contains("Microsoft Graph answered")), "the logs are full");
        for (place, text) in &seen {
            for secret in secrets.iter().map(String::as_str).chain(BEGINNINGS_OF_TOKENS) {
                assert!(!text.contains(secret), "{secret:?} is seen in {place}");
            }
        }
        signed_in_by(&stage.emulator.token_requests(), credential);
        stage.emulator.must_hold(POLICY, &[Target::group(LAPTOPS)]);
        stage.folder.unset("TF_LOG");
    }
}

/// Every request for a token succeeded and presented this; `None` if nobody was to be asked.
fn signed_in_by(requests: &[Value], credential: Option<&str>) {
    let presented: Vec<_> = requests.iter().map(|request| request["credential"].as_str()).collect();
    match credential {
        Some(_) => assert!(
            !presented.is_empty() && presented.iter().all(|found| *found == credential),
            "{requests:?}"
        ),
        None => assert!(presented.is_empty(), "{requests:?}"),
    }
    assert!(requests.iter().all(|request| request["status"] == 200), "{requests:?}");
}

fn text_of(file: &Path) -> String {
    String::from_utf8_lossy(&fs::read(file).unwrap_or_default()).into_owned()
}

pub fn an_access_token() {
    SignIn::new()
        .with_secret("DEFENDER_ACCESS_TOKEN", "access-token-of-the-scenarios-41f0")
        .signs_in_unseen(None);
}

pub fn a_client_secret() {
    SignIn::as_application().with_secret("ARM_CLIENT_SECRET", SECRET).signs_in_unseen(Some("secret"));
}

pub fn a_client_secret_from_a_file() {
    SignIn::as_application()
        .with_secret_in("ARM_CLIENT_SECRET_FILE_PATH", SECRET)
        .signs_in_unseen(Some("secret"));
}

pub fn a_certificate_in_a_variable() {
    let pfx = directory::base64_of("aes.pfx");
    SignIn::as_application()
        .with_secret("ARM_CLIENT_CERTIFICATE", &pfx)
        .with_secret("ARM_CLIENT_CERTIFICATE_PASSWORD", "sesame")
        .signs_in_unseen(Some("certificate"));
}

pub fn a_certificate_in_a_pem_file() {
    let (key, certificate) = (directory::certificate("leaf.key"), directory::certificate("leaf.crt"));
    let mut sign_in = SignIn::as_application();
    sign_in.secrets.extend(key.lines().filter(|line| line.len() > 40).map(str::to_owned));
    let path = sign_in.file("pipeline.pem", &format!("{certificate}{key}"));
    sign_in.with("ARM_CLIENT_CERTIFICATE_PATH", path).signs_in_unseen(Some("certificate"));
}

pub fn an_oidc_token() {
    let sign_in = SignIn::as_application().with("ARM_USE_OIDC", "true");
    let token = sign_in.federated_token();
    sign_in.with_secret("ARM_OIDC_TOKEN", &token).signs_in_unseen(Some("federated"));
}

pub fn an_oidc_token_from_a_file() {
    let sign_in = SignIn::as_application().with("ARM_USE_OIDC", "true");
    let token = sign_in.federated_token();
    sign_in.with_secret_in("ARM_OIDC_TOKEN_FILE_PATH", &token).signs_in_unseen(Some("federated"));
}

pub fn a_job_of_github_actions() {
    let sign_in = SignIn::as_application().with("ARM_USE_OIDC", "true");
    let url = format!("{}/_emulator/oidc/github?job=1", sign_in.origin());
    sign_in
        .with("ACTIONS_ID_TOKEN_REQUEST_URL", url)
        .with_secret("ACTIONS_ID_TOKEN_REQUEST_TOKEN", REQUEST_TOKEN)
        .signs_in_unseen(Some("federated"));
}

pub fn a_pipeline_of_azure_devops() {
    let sign_in = SignIn::as_application().with("ARM_USE_OIDC", "true");
    let url = format!("{}/_emulator/oidc/azure-devops", sign_in.origin());
    sign_in
        .with("ARM_ADO_PIPELINE_SERVICE_CONNECTION_ID", SERVICE_CONNECTION_ID)
        .with("SYSTEM_OIDCREQUESTURI", url)
        .with_secret("SYSTEM_ACCESSTOKEN", REQUEST_TOKEN)
        .signs_in_unseen(Some("federated"));
}

pub fn a_run_of_hcp_terraform() {
    let sign_in = SignIn::new().with("ARM_TENANT_ID", TENANT_ID).with("ARM_USE_OIDC", "true");
    let client_id = sign_in.file("client-id", &format!("{CLIENT_ID}\n"));
    let token = sign_in.federated_token();
    sign_in
        .with("ARM_CLIENT_ID_FILE_PATH", client_id)
        .with_secret_in("ARM_OIDC_TOKEN_FILE_PATH", &token)
        .signs_in_unseen(Some("federated"));
}

pub fn a_workload_in_aks() {
    let sign_in = SignIn::new().with("ARM_USE_AKS_WORKLOAD_IDENTITY", "true");
    let token = sign_in.federated_token();
    sign_in
        .with("AZURE_TENANT_ID", TENANT_ID)
        .with("AZURE_CLIENT_ID", CLIENT_ID)
        .with_secret_in("AZURE_FEDERATED_TOKEN_FILE", &token)
        .signs_in_unseen(Some("federated"));
}

pub fn a_managed_identity() {
    let sign_in = SignIn::new().with("ARM_USE_MSI", "true");
    let url = format!("{}/metadata/identity/oauth2/token", sign_in.origin());
    sign_in.with("ARM_MSI_ENDPOINT", url).signs_in_unseen(Some("managedIdentity"));
}

pub fn a_user_assigned_identity() {
    let sign_in = SignIn::new().with("ARM_USE_MSI", "true").with("ARM_CLIENT_ID", ASSIGNED_ID);
    let url = format!("{}/metadata/identity/oauth2/token", sign_in.origin());
    sign_in.with("ARM_MSI_ENDPOINT", url).signs_in_unseen(Some("managedIdentity"));
}

pub fn the_azure_cli() {
    const TOKEN: &str = "token-of-the-azure-cli-7d20e8";
    let mut sign_in = SignIn::new();
    let answer = json!({"accessToken": TOKEN, "expires_on": 4_000_000_000_i64, "tokenType": "Bearer"});
    write_azure_cli(&sign_in, &answer.to_string());
    sign_in.secrets.push(TOKEN.to_owned());
    let path = std::env::var_os("PATH").unwrap();
    let folders = std::iter::once(sign_in.stage.folder.path()).chain(std::env::split_paths(&path));
    let path = std::env::join_paths(folders).unwrap().into_string().unwrap();
    sign_in.with("PATH", path).signs_in_unseen(None);
}

/// Writes a program that prints this answer to every command.
#[cfg(unix)]
fn write_azure_cli(sign_in: &SignIn, answer: &str) {
    use std::os::unix::fs::PermissionsExt;

    let program = sign_in.file("az", &format!("#!/bin/sh\necho '{answer}'\n"));
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
}

/// Writes a program that prints this answer to every command.
#[cfg(windows)]
fn write_azure_cli(sign_in: &SignIn, answer: &str) {
    sign_in.file("az.cmd", &format!("@echo off\r\necho {answer}\r\n"));
}
