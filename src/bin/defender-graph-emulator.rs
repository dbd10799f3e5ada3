//! The command line of the emulator: arguments, the first line on stdout, signals. Everything else is in the library.

use std::error::Error;
use std::io::{self, Write};
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use serde_json::Value;
use terraform_provider_defender::emulator::{
    Emulator, Options, Semantics, Tenant, TlsOptions, duration, read_json_file,
};

/// An offline Microsoft Graph with real state, for trying and testing the Defender provider without a tenant.
///
/// It serves the part of Graph that the provider uses, in v1.0 and beta: Intune device configurations and
/// their assignments (including the `assign` action), assignment filters, groups, directoryObjects/getByIds
/// and $batch. It refuses what the service refuses. Applications in the tenant file sign in at the same address, and
/// their permissions are checked. By default, any other non-empty bearer token is accepted, too.
#[derive(Debug, Parser)]
#[command(name = "defender-graph-emulator", version, after_long_help = AFTER_HELP)]
struct Arguments {
    /// Address to listen on, such as 127.0.0.1:8400, localhost:8400 or :8400; port 0 selects a free port. With an
    /// address other than loopback, anyone who can reach the port can change the tenant: any token is accepted, and
    /// test control needs none.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8400", value_parser = parse_listen)]
    listen: SocketAddr,

    /// Serve https, with a certificate made at start for this machine's names. The certificate of its authority is
    /// written to FILE; clients have to trust it.
    #[arg(long, value_name = "FILE")]
    tls: Option<PathBuf>,

    /// A further host name or IP address for the certificate. Can be repeated.
    #[arg(long, value_name = "NAME", requires = "tls")]
    tls_name: Vec<String>,

    /// JSON file with the objects at start, in Graph's shapes; without it the tenant is empty. See below.
    #[arg(long, value_name = "FILE")]
    tenant: Option<PathBuf>,

    /// Delay before each HTTP request is served, such as 50ms or 1.5s.
    #[arg(long, value_name = "DURATION", default_value = "0ms", value_parser = parse_duration)]
    latency: Duration,

    /// Maximum page size of all collections, to test paging. By default the page size of the service.
    #[arg(long, value_name = "N", value_parser = parse_page_size)]
    page_size: Option<usize>,

    /// Enforce Intune's published limits for device configurations: per 20 seconds and application 100 writes
    /// and 1000 requests, per tenant twice as many. Requests over a limit get a 429 without Retry-After.
    #[arg(long)]
    limits: bool,

    /// Accept only tokens that the emulator issued. Otherwise any text is a token with every permission, and the
    /// permissions in any JWT are trusted.
    #[arg(long)]
    require_sign_in: bool,

    /// Number that decides everything random: new ids, the order of rows, the order of batch items. The same number,
    /// tenant and requests give the same answers, except for times and tokens. By default another one at each start; see
    /// /_emulator/calls for the one in use.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,

    /// JSON file with choices for open questions about the service, in the format of PUT /_emulator/semantics.
    #[arg(long, value_name = "FILE")]
    semantics: Option<PathBuf>,

    /// JSON file with test faults to set at start, in the format of POST /_emulator/faults. See below.
    #[arg(long, value_name = "FILE")]
    faults: Option<PathBuf>,
}

const AFTER_HELP: &str = r##"First line on stdout:
  listening on http://127.0.0.1:PORT (https with --tls)
Ctrl-C and SIGTERM end it with status 0.

Tenant file (each part and each "id" is optional; a policy without "@odata.type" is a
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

The file must contain every group that a module names. Unknown groups are refused with 400.

Sign-in, also in the tenant file (each part is optional; without "tenantId", any tenant id is accepted):
    "tenantId": GUID, "domains": [name],
    "applications": [
      { "appId": GUID, "displayName"?, "roles": ["DeviceManagementConfiguration.ReadWrite.All"],
        "passwordCredentials": [ { "secretText", "endDateTime"? } ],
        "keyCredentials": [ { "key": certificate as PEM, or DER in base64 } ],
        "federatedIdentityCredentials": [
          { "issuer", "subject", "audiences": ["api://AzureADTokenExchange"] } ],
        "disabled"?: true, "blockedByConditionalAccess"?: true, "tokenLifetimeSeconds"?: 3599 } ],
    "managedIdentities": [ { "clientId": GUID, "systemAssigned"?: true, "roles"?, "tokenLifetimeSeconds"? } ],
    "identityHeader": the required value of X-IDENTITY-HEADER,
    "oidcProviders": { "github": { "subject", "issuer"?, "requestToken"? },
                       "azureDevOps": { "subject", "issuer", "requestToken"?, "serviceConnectionId"? } }

Sign-in endpoints:
  POST /{tenant}/oauth2/v2.0/token       client_credentials, with client_secret or client_assertion
  GET  /metadata/identity/oauth2/token   managed identity of a virtual machine
  GET  /msi/token                        managed identity of App Service
  GET  /_emulator/oidc/github            token of a GitHub Actions job: ACTIONS_ID_TOKEN_REQUEST_URL
  POST /_emulator/oidc/azure-devops      token of an Azure DevOps pipeline: SYSTEM_OIDCREQUESTURI
These tokens have the permissions in "roles" until they expire or are revoked. The roles, scp, exp and aud of any
other JWT are trusted. Any other text has every permission. With --require-sign-in neither is accepted.

Test control (no token needed; not part of Graph):
  GET    /_emulator/calls              answered Graph requests, including batch items, and counters
  GET    /_emulator/tokens             token requests, with assertions but without secrets
  POST   /_emulator/tokens/revoke      tokens issued so far are refused with 401
  GET    /_emulator/oidc/token?issuer=…&subject=…&audience=…&lifetimeSeconds=…
                                       a token for a federated credential
  POST   /_emulator/reset              restore the tenant file; clear calls, counters, faults and semantics
  GET    /_emulator/faults             active rules; POST adds a rule or an array, DELETE removes all
  GET    /_emulator/semantics          choices for open questions about the service; PUT changes them
  PUT    /_emulator/deviceConfigurations/{id}/assignments
                                       replace all assignments of a policy, like a change in the portal
  POST   /_emulator/{collection}       add an object; {collection} is a collection of the tenant file
  DELETE /_emulator/{collection}/{id}  remove an object

Faults, each with "match"?: {"method"?, "path"?: substring of the path, "query"?: substring of the query, "skip"?: n}
and "times"?: n (default 1; null for no limit). They apply to batch items, too; to the batch envelope only if "path"
contains "$batch", to token requests only if it contains "oauth2" or "msi/token":
  {"status": 429, "retryAfter"?: "2" | "0.5" | an HTTP date | "now+2s", "code"?, "message"?,
   "shape"?: "plain" | "intune" | "nested", "body"?: any text, "contentType"?, "afterEffect"?: true}
  {"cut": "before" | "after"}          close the connection before or after the request takes effect
  {"delay": "500ms", "afterEffect"?}   delay the request, or its response
  {"drip": "2s"}                       take effect, then send an endless response, one space at a time
  {"dropTargets": ["groupAssignmentTarget/ID"], "addTargets": [{target}]}
                                       assign stores fewer or more rows than were sent
  {"stale": n, "answer"?: "old"}       n reads after this assign show the previous rows
  {"hide": n}                          n calls to a policy, or to a new policy, return 404
  {"hideGroups": ["ID"]}               the directory does not find these groups
  {"item": "missing" | "repeated"}     the response to a batch item is lost or duplicated

Example:
  defender-graph-emulator --tenant tenant.json --page-size 2
  curl -H 'Authorization: Bearer x' http://127.0.0.1:8400/beta/deviceManagement/deviceConfigurations"##;

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            print_error(&format!("error: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let seed = arguments.seed.unwrap_or_else(|| fastrand::u64(..));
    let tenant = match &arguments.tenant {
        Some(file) => {
            Tenant::from_file(file, seed).map_err(|error| format!("cannot read the tenant: {error}"))?
        }
        None => Tenant::default(),
    };
    for warning in tenant.warnings() {
        print_error(&format!("warning: {warning}"));
    }
    let semantics = match &arguments.semantics {
        Some(file) => apply(file, |changes| Semantics::for_modules().with_document(changes))
            .map_err(|error| format!("cannot read the semantics: {error}"))?,
        None => Semantics::for_modules(),
    };
    let options = Options {
        listen: arguments.listen,
        latency: arguments.latency,
        page_size: arguments.page_size,
        limits: arguments.limits,
        require_sign_in: arguments.require_sign_in,
        tenant_file: arguments.tenant.clone(),
        semantics,
        tls: arguments.tls.clone().map(|ca_file| TlsOptions { ca_file, names: arguments.tls_name.clone() }),
        seed,
        ..Options::default()
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        // Before the first line of output, since a signal may follow it immediately.
        let shutdown = shutdown_signal()?;
        let emulator = Emulator::start(tenant, options)?;
        if let Some(file) = &arguments.faults {
            apply(file, |rules| emulator.faults(rules))
                .map_err(|error| format!("cannot read the faults: {error}"))?;
        }
        if !emulator.address().ip().is_loopback() {
            print_error(warning(arguments.require_sign_in));
        }
        let mut stdout = io::stdout().lock();
        writeln!(stdout, "listening on {}", emulator.base_url())?;
        stdout.flush()?;
        shutdown.await;
        Ok(())
    })
}

/// The warning for an address beyond loopback.
fn warning(require_sign_in: bool) -> &'static str {
    if require_sign_in {
        "warning: listening beyond loopback; test control needs no token, so anyone who can reach the port can change \
         the tenant"
    } else {
        "warning: listening beyond loopback; any token is accepted, so anyone who can reach the port can change the tenant"
    }
}

/// Applies the document in a file. The error names the file and the problem.
fn apply<T>(file: &Path, set: impl Fn(&Value) -> Result<T, String>) -> Result<T, String> {
    let document = read_json_file(file).map_err(|error| error.to_string())?;
    set(&document).map_err(|error| format!("{}: {error}", file.display()))
}

/// Resolves at Ctrl-C or SIGTERM. The handlers are in place when this returns.
#[cfg(unix)]
fn shutdown_signal() -> io::Result<impl Future<Output = ()>> {
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
fn shutdown_signal() -> io::Result<impl Future<Output = ()>> {
    let mut interrupt = tokio::signal::windows::ctrl_c()?;
    Ok(async move {
        interrupt.recv().await;
    })
}

/// Writes a line to stderr. A closed stderr is no error.
fn print_error(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// An address and a port. A missing address is loopback; a host name is looked up, and IPv4 is preferred.
fn parse_listen(text: &str) -> Result<SocketAddr, String> {
    let named = if text.starts_with(':') { format!("127.0.0.1{text}") } else { text.to_owned() };
    let found = named
        .to_socket_addrs()
        .map_err(|_| "expected an address and a port, such as 127.0.0.1:8400 or localhost:8400".to_owned())?;
    let found: Vec<SocketAddr> = found.collect();
    let preferred = found.iter().find(|address| address.is_ipv4()).or_else(|| found.first());
    preferred.copied().ok_or_else(|| format!("{text} has no address"))
}

/// A number with the unit `ms` or `s`.
fn parse_duration(text: &str) -> Result<Duration, String> {
    duration(text).ok_or_else(|| "expected a number with a unit, such as 50ms or 1.5s".to_owned())
}

fn parse_page_size(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) | Err(_) => Err("expected a number of at least 1".to_owned()),
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
