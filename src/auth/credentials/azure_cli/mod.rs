//! Signs in with the account of the Azure CLI ("az account get-access-token", Azure CLI reference). `azure_identity`
//! starts the CLI through a shell, which finds it on PATH.

mod environment;
mod executor;

use std::ffi::OsString;
use std::process::Output;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use azure_core::credentials::TokenCredential;
use azure_identity::{AzureCliCredential, AzureCliCredentialOptions};
use serde_json::Value;
use tokio::time::timeout;

use crate::auth::credential::{AccessToken, Credential};
use crate::auth::error::SignInFailure;
use crate::auth::selected_method::SelectedMethod;
use crate::transport::redaction::redact;
use crate::transport::text::single_line;

use super::application::convert_token;
use executor::ProcessGroupExecutor;

const PROGRAM: &str = "az";
/// The exit code of a shell when the program does not exist.
const NOT_FOUND: i32 = 127;

#[derive(Debug)]
pub(super) struct AzureCli {
    pub(super) tenant_id: Option<String>,
    pub(super) scope: String,
    pub(super) selected_method: SelectedMethod,
    pub(super) limit: Duration,
    /// The environment of this process. The CLI gets only the variables that it needs.
    pub(super) environment: Vec<(OsString, OsString)>,
}

#[async_trait]
impl Credential for AzureCli {
    async fn sign_in(&self) -> Result<AccessToken, SignInFailure> {
        let environment = environment::filter_allowed(self.environment.iter().cloned()).collect();
        let executor = Arc::new(ProcessGroupExecutor::new(environment));
        let options = AzureCliCredentialOptions {
            tenant_id: self.tenant_id.clone(),
            executor: Some(executor.clone()),
            subscription: None,
        };
        let fetch = async { AzureCliCredential::new(Some(options))?.get_token(&[&self.scope], None).await };
        let timed_out = SignInFailure::TimedOut { service: PROGRAM.to_owned(), limit: self.limit };
        let result = timeout(self.limit, fetch).await.map_err(|_| timed_out)?;
        result.map(|token| convert_token(&token)).map_err(|error| match executor.take_output() {
            Some(output) => program_failure(error_message(&output)),
            None => program_failure(single_line(&redact(&error.to_string()), 200)),
        })
    }

    fn selected_method(&self) -> &SelectedMethod {
        &self.selected_method
    }
}

fn program_failure(message: String) -> SignInFailure {
    SignInFailure::ProgramFailed { program: PROGRAM, message }
}

/// Explains why the output has no usable token. Never shows standard output, which may contain a token.
fn error_message(output: &Output) -> String {
    let errors = String::from_utf8_lossy(&output.stderr);
    if output.status.success() {
        return match serde_json::from_slice::<Value>(&output.stdout) {
            Ok(response) if response.get("expires_on").is_none() => {
                "its output has no expires_on; Azure CLI 2.54.0 or newer is required".to_owned()
            }
            _ => "its output is not a token in JSON".to_owned(),
        };
    }
    if output.status.code() == Some(NOT_FOUND) || errors.contains("' is not recognized") {
        return "it was not found on PATH".to_owned();
    }
    match single_line(&redact(&errors), 400).trim_start_matches("ERROR: ") {
        "" => format!("it ended with {} and printed no error message", output.status),
        text => text.to_owned(),
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use crate::auth::selected_method::MethodName;
    use std::os::unix::fs::PermissionsExt as _;

    /// A CLI that runs the script: `az` in a temporary folder that comes first on PATH.
    fn cli(script: &str) -> (tempfile::TempDir, AzureCli) {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("az");
        std::fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        let cli = cli_with_path(format!("{}:/usr/bin:/bin", folder.path().display()));
        (folder, cli)
    }

    fn cli_with_path(path: String) -> AzureCli {
        AzureCli {
            tenant_id: Some("contoso.example".into()),
            scope: "https://graph.microsoft.com/.default".into(),
            selected_method: SelectedMethod {
                name: MethodName::AzureCli,
                reason: String::new(),
                inputs: Vec::new(),
                tenant_id: None,
                client_id: None,
            },
            limit: Duration::from_mins(1),
            environment: vec![("PATH".into(), path.into())],
        }
    }

    async fn failure(script: &str) -> String {
        let (_folder, cli) = cli(script);
        cli.sign_in().await.unwrap_err().to_string()
    }

    #[tokio::test]
    async fn the_cli_gets_tenant_and_scope() {
        let (folder, cli) = cli(r#"echo "$@" > "$(dirname "$0")/arguments"
               if read -r line; then echo "stdin is open" >&2; exit 1; fi
               echo '{"accessToken":"eyJ0.cli","expires_on":4102444800,"tokenType":"Bearer"}'"#);
        let token = cli.sign_in().await.unwrap();
        assert_eq!((token.secret.expose(), token.expires_on.unix_timestamp()), ("eyJ0.cli", 4_102_444_800));
        assert_eq!(
            std::fs::read_to_string(folder.path().join("arguments")).unwrap().trim(),
            "account get-access-token -o json --scope https://graph.microsoft.com/.default --tenant contoso.example"
        );
    }

    #[tokio::test]
    async fn a_missing_cli_is_reported() {
        let empty_folder = tempfile::tempdir().unwrap();
        let failure = cli_with_path(empty_folder.path().display().to_string()).sign_in().await.unwrap_err();
        assert_eq!(failure.to_string(), "az failed: it was not found on PATH");
    }

    #[tokio::test]
    async fn the_cli_message_is_shown_on_one_line() {
        let message =
            failure("printf 'ERROR: Please run\\n\"az login\" to setup account.' >&2; exit 1").await;
        assert_eq!(message, "az failed: Please run \"az login\" to setup account.");
    }

    #[tokio::test]
    async fn the_cli_sees_no_secret_of_another_method() {
        let (folder, mut cli) = cli(r#"env > "$(dirname "$0")/environment"; exit 1"#);
        for name in ["ARM_CLIENT_SECRET", "PLUGIN_CLIENT_CERT", "IDENTITY_HEADER", "AZURE_CONFIG_DIR"] {
            cli.environment.push((name.into(), format!("value-of-{name}").into()));
        }
        cli.sign_in().await.unwrap_err();
        let environment = std::fs::read_to_string(folder.path().join("environment")).unwrap();
        let values: Vec<&str> = environment.lines().filter(|line| line.contains("value-of-")).collect();
        assert_eq!(values, ["AZURE_CONFIG_DIR=value-of-AZURE_CONFIG_DIR"]);
    }

    #[tokio::test]
    async fn a_token_or_password_in_the_cli_message_is_redacted() {
        let message = failure(
            r#"echo 'ERROR: {"refresh_token": "opaque-1"} password=hunter2 eyJ0eXAiOiJKV1QiLCJh.e30.x' >&2; exit 1"#,
        )
        .await;
        assert!(message.contains("[redacted]"), "{message}");
        for secret in ["opaque-1", "password=hunter2", "eyJ0"] {
            assert!(!message.contains(secret), "{message}");
        }
    }

    #[tokio::test]
    async fn an_output_without_a_usable_token_is_reported_and_not_shown() {
        for (output, expected) in [
            (r#"{"accessToken":"eyJ0.cli","tokenType":"Bearer"}"#, "2.54.0"),
            ("eyJ0.cli", "is not a token in JSON"),
        ] {
            let message = failure(&format!("echo '{output}'")).await;
            assert!(message.contains(expected) && !message.contains("eyJ0"), "{message}");
        }
    }

    #[tokio::test]
    async fn a_hanging_cli_times_out() {
        let (_folder, mut cli) = cli("sleep 60");
        cli.limit = Duration::from_millis(10);
        let failure = cli.sign_in().await.unwrap_err();
        assert!(matches!(failure, SignInFailure::TimedOut { .. }), "{failure}");
    }

    /// The child writes to a pipe, which reaches its end when the last writer has exited.
    #[tokio::test]
    async fn children_of_the_cli_are_killed_when_the_caller_is_cancelled() {
        let (folder, cli) = cli(r#"sleep 60 > "$(dirname "$0")/pipe" & wait"#);
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let sign_in = tokio::spawn(async move { cli.sign_in().await.map(|_| ()) });
        let reader = tokio::task::spawn_blocking(move || std::fs::File::open(pipe).unwrap()).await.unwrap();
        sign_in.abort();
        assert!(sign_in.await.unwrap_err().is_cancelled());
        let output = tokio::task::spawn_blocking(move || std::io::read_to_string(reader));
        assert_eq!(timeout(Duration::from_secs(30), output).await.unwrap().unwrap().unwrap(), "");
    }
}
