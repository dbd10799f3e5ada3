//! The command `check`, for troubleshooting: signs in like the provider, compares the granted permissions with the
//! required ones, and reads once from Graph. Changes nothing, prints no secret, and has a time limit.

mod advice;
mod findings;
pub mod permissions;
mod report;

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use crate::auth::claims::Claims;
use crate::graph::{ApiVersion, Request};
use crate::provider::{self, Environment, Prepared};
use crate::terraform::diagnostic::Diagnostics;

use self::findings::Findings;
use self::permissions::Permissions;

pub use self::findings::Outcome;
pub use self::permissions::Purpose;

/// The time limit of a check, which must end within a minute.
const LIMIT: Duration = Duration::from_secs(55);

/// Checks the inputs of the environment and writes the report to `out`.
pub fn run(environment: Environment, purpose: Purpose, out: &mut dyn Write) -> ExitCode {
    let (text, outcome) = examine_within(LIMIT, environment, purpose);
    // The reader may have closed the pipe. The exit status is still right.
    let _ = out.write_all(text.as_bytes());
    ExitCode::from(outcome.status())
}

/// Checks within another time limit and returns the report.
pub fn examine_within(limit: Duration, environment: Environment, purpose: Purpose) -> (String, Outcome) {
    match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => {
            let examined = runtime.block_on(examine(limit, environment, purpose));
            // A thread may be blocked on a file of an unavailable drive.
            runtime.shutdown_background();
            examined
        }
        Err(error) => (format!("The check cannot start: {error}\n"), Outcome::NotSignedIn),
    }
}

async fn examine(limit: Duration, environment: Environment, purpose: Purpose) -> (String, Outcome) {
    let end = Instant::now() + limit;
    let prepared = match timeout_at(end, prepare(environment)).await {
        Ok(Ok(prepared)) => prepared,
        Ok(Err(diagnostics)) => return (report::invalid_inputs(&diagnostics), Outcome::NotSignedIn),
        Err(_) => return (report::inputs_timed_out(limit), Outcome::NotSignedIn),
    };
    let token = match timeout_at(end, prepared.tokens.token()).await {
        Ok(Ok(token)) => token,
        Ok(Err(error)) => return (report::not_signed_in(&prepared, &error), Outcome::NotSignedIn),
        Err(_) => return (report::sign_in_timed_out(&prepared, limit), Outcome::NotSignedIn),
    };
    let claims = Claims::parse(token.expose());
    let permissions = Permissions::from_claims(claims.as_ref());
    let read = timeout_at(end, prepared.graph.send(&one_policy_id())).await.ok();
    let findings = Findings { prepared: &prepared, purpose, claims, permissions, read };
    (report::findings(&findings, limit), findings.outcome())
}

/// Runs on a blocking thread, since it reads files.
async fn prepare(environment: Environment) -> Result<Arc<Prepared>, Diagnostics> {
    let work = tokio::task::spawn_blocking(move || provider::from_environment(&environment).map(Arc::new));
    work.await.unwrap_or_else(|panic| Err(report::panicked(&panic)))
}

/// GET /beta/deviceManagement/deviceConfigurations, the cheapest read that shows whether Intune accepts this identity
/// ("List deviceConfigurations", Microsoft Graph beta reference). Needs DeviceManagementConfiguration.Read.All.
fn one_policy_id() -> Request {
    Request::get(ApiVersion::Beta, &["deviceManagement", "deviceConfigurations"])
        .query("$select", "id")
        .query("$top", "1")
}
