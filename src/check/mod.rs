//! The command `check`, for a person whose pipeline is refused: signs in as the provider would, tells what the token
//! may do against what is needed, and reads once from Graph. Changes nothing and prints no secret.

pub mod permissions;
mod report;

use std::io::Write;
use std::process::ExitCode;

use crate::auth::claims::Claims;
use crate::graph::{self, Answer, Request, Version};
use crate::provider::{self, Environment, Prepared};

use self::permissions::Permissions;

/// Where the roads part, and what status the process ends with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Signed in, everything required is granted, Graph answers.
    Good,
    /// Not signed in, or Graph cannot be asked.
    NotSignedIn,
    /// Signed in, and a required permission is missing.
    PermissionMissing,
}

/// Everything that was found out.
struct Findings<'a> {
    prepared: &'a Prepared,
    /// What the token says of itself; `None` if it is opaque.
    claims: Option<Claims>,
    permissions: Permissions,
    read: Result<Answer, graph::Error>,
}

/// Checks with the inputs of the environment alone and prints what is found on `out`.
pub fn run(environment: &Environment, out: &mut dyn Write) -> ExitCode {
    let (text, outcome) = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(examine(environment)),
        Err(error) => (format!("The check cannot start: {error}\n"), Outcome::NotSignedIn),
    };
    // Nobody may be reading; the status tells all the same.
    let _ = out.write_all(text.as_bytes());
    ExitCode::from(outcome.status())
}

async fn examine(environment: &Environment) -> (String, Outcome) {
    let prepared = match provider::from_environment(environment) {
        Ok(prepared) => prepared,
        Err(problems) => return (report::problems(&problems), Outcome::NotSignedIn),
    };
    let token = match prepared.tokens.token().await {
        Ok(token) => token,
        Err(error) => return (report::not_signed_in(&prepared, &error), Outcome::NotSignedIn),
    };
    let claims = Claims::read(token.expose());
    let permissions = Permissions::of(claims.as_ref());
    let read = prepared.graph.send(&harmless_read()).await;
    let findings = Findings { prepared: &prepared, claims, permissions, read };
    (report::findings(&findings), findings.outcome())
}

/// The least that tells whether Intune lets this identity in ("List windows10GeneralConfigurations" and its like:
/// List deviceConfigurations, Microsoft Graph beta reference). Needs DeviceManagementConfiguration.Read.All.
fn harmless_read() -> Request {
    Request::get(Version::Beta, &["deviceManagement", "deviceConfigurations"])
        .query("$select", "id")
        .query("$top", "1")
}

impl Findings<'_> {
    fn outcome(&self) -> Outcome {
        match &self.read {
            Err(error) if error.is_forbidden() => Outcome::PermissionMissing,
            Err(_) => Outcome::NotSignedIn,
            Ok(_) if self.permissions.missing().next().is_some() => Outcome::PermissionMissing,
            Ok(_) => Outcome::Good,
        }
    }
}

impl Outcome {
    /// The status of the process.
    pub fn status(self) -> u8 {
        match self {
            Self::Good => 0,
            Self::NotSignedIn => 1,
            Self::PermissionMissing => 2,
        }
    }
}
