//! The command `check`, for a person whose pipeline is refused: signs in as the provider would, tells what the token
//! may do against what is needed, and reads once from Graph. Changes nothing, prints no secret, and ends in time.

mod advice;
pub mod permissions;
mod report;

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use crate::auth::claims::Claims;
use crate::graph::{self, ApiVersion, Request, Response};
use crate::provider::{self, Environment, Prepared};
use crate::terraform::diagnostic::Diagnostics;

use self::permissions::Permissions;

pub use self::permissions::Scope;

/// The longest that a check may take, so that it has ended within a minute.
const LIMIT: Duration = Duration::from_secs(55);

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
    scope: Scope,
    /// What the token says of itself; `None` if it is opaque.
    claims: Option<Claims>,
    permissions: Permissions,
    /// `None` if there was no answer in time.
    read: Option<Result<Response, graph::Error>>,
}

/// Checks with the inputs of the environment alone and prints what is found on `out`.
pub fn run(environment: Environment, scope: Scope, out: &mut dyn Write) -> ExitCode {
    let (text, outcome) = examine_within(LIMIT, environment, scope);
    // Nobody may be reading; the status tells all the same.
    let _ = out.write_all(text.as_bytes());
    ExitCode::from(outcome.status())
}

/// The same as text, within another limit.
pub fn examine_within(limit: Duration, environment: Environment, scope: Scope) -> (String, Outcome) {
    match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => {
            let found = runtime.block_on(examine(limit, environment, scope));
            // Not waiting for a file that the system does not deliver.
            runtime.shutdown_background();
            found
        }
        Err(error) => (format!("The check cannot start: {error}\n"), Outcome::NotSignedIn),
    }
}

async fn examine(limit: Duration, environment: Environment, scope: Scope) -> (String, Outcome) {
    let end = Instant::now() + limit;
    let prepared = match timeout_at(end, prepare(environment)).await {
        Ok(Ok(prepared)) => prepared,
        Ok(Err(problems)) => return (report::problems(&problems), Outcome::NotSignedIn),
        Err(_) => return (report::slow_inputs(limit), Outcome::NotSignedIn),
    };
    let token = match timeout_at(end, prepared.tokens.token()).await {
        Ok(Ok(token)) => token,
        Ok(Err(error)) => return (report::not_signed_in(&prepared, &error), Outcome::NotSignedIn),
        Err(_) => return (report::slow_sign_in(&prepared, limit), Outcome::NotSignedIn),
    };
    let claims = Claims::read(token.expose());
    let permissions = Permissions::of(claims.as_ref());
    let read = timeout_at(end, prepared.graph.send(&harmless_read())).await.ok();
    let findings = Findings { prepared: &prepared, scope, claims, permissions, read };
    (report::findings(&findings, limit), findings.outcome())
}

/// Reads files, so it is done on a thread of its own.
async fn prepare(environment: Environment) -> Result<Arc<Prepared>, Diagnostics> {
    let work = tokio::task::spawn_blocking(move || provider::from_environment(&environment).map(Arc::new));
    work.await.unwrap_or_else(|panic| Err(report::panicked(&panic)))
}

/// The least that tells whether Intune lets this identity in ("List windows10GeneralConfigurations" and its like:
/// List deviceConfigurations, Microsoft Graph beta reference). Needs DeviceManagementConfiguration.Read.All.
fn harmless_read() -> Request {
    Request::get(ApiVersion::Beta, &["deviceManagement", "deviceConfigurations"])
        .query("$select", "id")
        .query("$top", "1")
}

impl Findings<'_> {
    fn outcome(&self) -> Outcome {
        match &self.read {
            Some(Err(error)) if error.is_forbidden() => Outcome::PermissionMissing,
            None | Some(Err(_)) => Outcome::NotSignedIn,
            Some(Ok(_)) if self.permissions.missing(self.scope).next().is_some() => {
                Outcome::PermissionMissing
            }
            Some(Ok(_)) => Outcome::Good,
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
