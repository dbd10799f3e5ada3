//! The command line of the emulator: arguments, the first line on stdout, signals. Everything else is the
//! library's.

use std::error::Error;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use serde_json::Value;
use terraform_provider_defender::emulator::{Emulator, Options, Semantics, Tenant, duration};

/// An offline Microsoft Graph with real state, for trying and testing the Defender provider without a tenant.
///
/// It answers the part of Graph that the provider uses, in v1.0 and beta: Intune device configurations and
/// their assignments (the `assign` action included), assignment filters, groups, directoryObjects/getByIds
/// and $batch. It refuses what the service refuses. Applications of the tenant file sign in at the same address, and
/// their permissions are checked; unless told otherwise, any other non-empty bearer token is accepted, too.
#[derive(Debug, Parser)]
#[command(name = "defender-graph-emulator", version, after_long_help = AFTER_HELP)]
struct Arguments {
    /// Address to listen on; port 0 takes a free port. Beyond loopback anybody who reaches the port can
    /// change the tenant: any token is accepted, and test control needs none.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8400")]
    listen: SocketAddr,

    /// JSON file with the objects to start with, in Graph's shapes; without it the tenant is empty. See
    /// below.
    #[arg(long, value_name = "FILE")]
    tenant: Option<PathBuf>,

    /// Time that every HTTP request waits before it is served, such as 50ms or 1.5s.
    #[arg(long, value_name = "DURATION", default_value = "0ms", value_parser = parse_duration)]
    latency: Duration,

    /// Most rows on one page of any collection, to exercise paging. By default as large as the service's
    /// pages.
    #[arg(long, value_name = "N", value_parser = parse_page_size)]
    page_size: Option<usize>,

    /// Enforce Intune's published limits for device configurations: per 20 seconds and application 100 writes
    /// and 1000 requests, per tenant twice as many. What is over is answered 429 without Retry-After.
    #[arg(long)]
    limits: bool,

    /// Take only tokens that the emulator has issued. Otherwise any text is a token with every permission, and the
    /// permissions in any JWT are believed.
    #[arg(long)]
    require_sign_in: bool,

    /// JSON file with test faults that the first requests run into, as for POST /_emulator/faults. See below.
    #[arg(long, value_name = "FILE")]
    faults: Option<PathBuf>,
}

const AFTER_HELP: &str = r##"First line on stdout:
  listening on http://127.0.0.1:PORT
It ends on Ctrl-C and on SIGTERM, with status 0.

Tenant file (each part and each "id" may be left out; a policy without "@odata.type" is a
windowsDefenderAdvancedThreatProtectionConfiguration; a row with "source": "policySets" belongs to a policy set):
  {
    "deviceConfigurations": [
      { "id": "0b8a3d5e-5c0f-4a55-9a07-3a1d0a5c6d01", "displayName": "Onboarding",
        "assignments": [
          { "target": { "@odata.type": "#microsoft.graph.groupAssignmentTarget",
                        "groupId": "5f8bd3bd-0e2c-4f9d-8f53-2f9c1a4d7c11" } } ] } ],
    "groups": [ { "id": "5f8bd3bd-0e2c-4f9d-8f53-2f9c1a4d7c11", "displayName": "Pilot" } ],
    "assignmentFilters": [ { "displayName": "Corporate", "platform": "windows10AndLater" } ]
  }

Every group that a module names must be in the file: another one is refused with 400, since it can never come.

Who signs in, in the tenant file as well (each part may be left out; without "tenantId" any tenant is this one):
    "tenantId": GUID, "domains": [name],
    "applications": [
      { "appId": GUID, "displayName"?, "roles": ["DeviceManagementConfiguration.ReadWrite.All"],
        "passwordCredentials": [ { "secretText", "endDateTime"? } ],
        "keyCredentials": [ { "key": certificate as PEM, or DER in base64 } ],
        "federatedIdentityCredentials": [
          { "issuer", "subject", "audiences": ["api://AzureADTokenExchange"] } ],
        "disabled"?: true, "blockedByConditionalAccess"?: true, "tokenLifetimeSeconds"?: 3599 } ],
    "managedIdentities": [ { "clientId": GUID, "systemAssigned"?: true, "roles"?, "tokenLifetimeSeconds"? } ],
    "identityHeader": what X-IDENTITY-HEADER must be,
    "oidcProviders": { "github": { "subject", "issuer"?, "requestToken"? },
                       "azureDevOps": { "subject", "issuer", "requestToken"?, "serviceConnectionId"? } }

Signing in:
  POST /{tenant}/oauth2/v2.0/token       client_credentials, with client_secret or client_assertion
  GET  /metadata/identity/oauth2/token   managed identity, as on a virtual machine
  GET  /msi/token                        managed identity, as in App Service
  GET  /_emulator/oidc/github            token of a GitHub Actions job: ACTIONS_ID_TOKEN_REQUEST_URL
  POST /_emulator/oidc/azure-devops      token of an Azure DevOps pipeline: SYSTEM_OIDCREQUESTURI
A token of these may do what its "roles" allow, until it expires or is revoked. The roles, scp, exp and aud of
another JWT are believed. Any other text has every permission. With --require-sign-in neither is accepted.

Test control (no token needed; not part of Graph):
  GET    /_emulator/calls              Graph requests answered so far, items of batches too, and counters
  GET    /_emulator/tokens             requests for tokens so far, with assertions and without secrets
  POST   /_emulator/tokens/revoke      tokens issued so far are answered 401 from now on
  GET    /_emulator/oidc/token?issuer=…&subject=…&audience=…&lifetimeSeconds=…
                                       a token for a federated credential
  POST   /_emulator/reset              back to the tenant file; calls, counters, faults and semantics cleared
  GET    /_emulator/faults             rules that have calls left; POST adds a rule or an array, DELETE clears
  GET    /_emulator/semantics          choices for open questions about the service; PUT sets some of them
  PUT    /_emulator/deviceConfigurations/{id}/assignments
                                       replace all rows of a policy, as a change in the portal would
  POST   /_emulator/{collection}       add an object; {collection} is a part of the tenant file
  DELETE /_emulator/{collection}/{id}  remove an object

Faults, each with "match"?: {"method"?, "path"?: part of the path, "query"?: part of the query, "skip"?: n} and
"times"?: n (1; null is always). Items of a batch meet them too; the envelope only by a "path" with "$batch",
requests for tokens only by one with "oauth2" or "msi/token":
  {"status": 429, "retryAfter"?: "2" | "0.5" | an HTTP date | "now+2s", "code"?, "message"?,
   "shape"?: "plain" | "intune" | "nested", "body"?: any text, "contentType"?, "afterEffect"?: true}
  {"cut": "before" | "after"}          close the connection before or after the request takes effect
  {"delay": "500ms", "afterEffect"?}   take effect late, or answer late
  {"drip": "2s"}                       take effect, then answer without end, one blank at a time
  {"dropTargets": ["groupAssignmentTarget/ID"], "addTargets": [{target}]}
                                       assign stores fewer or more rows than it was sent
  {"stale": n, "answer"?: "old"}       n reads after this assign show the rows from before it
  {"hide": n}                          n calls to a policy, or to the one just created, are answered 404
  {"hideGroups": ["ID"]}               the directory does not know these groups
  {"item": "missing" | "repeated"}     the response to an item of a batch is lost or doubled

Example:
  defender-graph-emulator --tenant tenant.json --page-size 2
  curl -H 'Authorization: Bearer x' http://127.0.0.1:8400/beta/deviceManagement/deviceConfigurations"##;

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("error: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let tenant = match &arguments.tenant {
        Some(file) => Tenant::from_file(file).map_err(|error| format!("cannot read the tenant: {error}"))?,
        None => Tenant::default(),
    };
    let options = Options {
        listen: arguments.listen,
        latency: arguments.latency,
        page_size: arguments.page_size,
        limits: arguments.limits,
        require_sign_in: arguments.require_sign_in,
        tenant_file: arguments.tenant.clone(),
        semantics: Semantics::for_modules(),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        // Before the first line: whoever waits for it may send a signal right after.
        let ended = end_signal()?;
        let emulator = Emulator::start(tenant, options)
            .map_err(|error| format!("cannot listen on {}: {error}", arguments.listen))?;
        if let Some(file) = &arguments.faults {
            set_faults(&emulator, file).map_err(|error| format!("cannot read the faults: {error}"))?;
        }
        if !emulator.address().ip().is_loopback() {
            say(warning(arguments.require_sign_in));
        }
        let mut stdout = io::stdout().lock();
        writeln!(stdout, "listening on {}", emulator.base_url())?;
        stdout.flush()?;
        ended.await;
        Ok(())
    })
}

/// What whoever listens beyond loopback should know.
fn warning(require_sign_in: bool) -> &'static str {
    if require_sign_in {
        "warning: listening beyond loopback; test control needs no token, so anybody who reaches the port can change the \
         tenant"
    } else {
        "warning: listening beyond loopback; any token is accepted, so anybody who reaches the port can change the tenant"
    }
}

/// Sets the faults of a file; the error names the file and what is wrong in it.
fn set_faults(emulator: &Emulator, file: &Path) -> Result<(), String> {
    let place = file.display();
    let text = std::fs::read(file).map_err(|error| format!("{place}: {error}"))?;
    let rules: Value =
        serde_json::from_slice(&text).map_err(|error| format!("{place}: not JSON: {error}"))?;
    emulator.faults(&rules).map_err(|error| format!("{place}: {error}"))
}

/// Resolves at Ctrl-C or SIGTERM. The handlers are in place when this returns.
#[cfg(unix)]
fn end_signal() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Resolves at Ctrl-C.
#[cfg(windows)]
fn end_signal() -> io::Result<impl Future<Output = ()>> {
    let mut interrupt = tokio::signal::windows::ctrl_c()?;
    Ok(async move {
        interrupt.recv().await;
    })
}

/// A line on stderr. If nobody reads it any more, there is nobody to tell.
fn say(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// A number with the unit `ms` or `s`.
fn parse_duration(text: &str) -> Result<Duration, String> {
    duration(text).ok_or_else(|| "give a number with its unit, such as 50ms or 1.5s".to_owned())
}

fn parse_page_size(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) | Err(_) => Err("give a count of at least 1".to_owned()),
        Ok(size) => Ok(size),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_need_a_unit() {
        for text in ["", "5", "ms", "s", "-1s", "1m", "NaNs", "1e400s"] {
            assert!(parse_duration(text).is_err(), "{text}");
        }
        assert_eq!(parse_duration("50ms"), Ok(Duration::from_millis(50)));
        assert_eq!(parse_duration("1.5s"), Ok(Duration::from_millis(1500)));
    }

    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory;
        Arguments::command().debug_assert();
    }
}
