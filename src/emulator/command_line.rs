//! The command line of the emulator: its options and how their values are read. The binary and the reference page use
//! it.

use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;

use super::faults::duration;
use super::reference::{CONTROL_ROUTES, Entry, FAULT_EFFECTS, GRAPH_ROUTES, SIGN_IN_ROUTES};
use super::semantics::SEMANTICS_CHOICES;

/// An offline Microsoft Graph with real state, for trying and testing the Defender provider without a tenant.
///
/// It serves the part of Graph that the provider uses, in v1.0 and beta: Intune device configurations and
/// their assignments (including the `assign` action), assignment filters, groups, directoryObjects/getByIds
/// and $batch. It refuses what the service refuses. Applications in the tenant file sign in at the same address, and
/// their permissions are checked. By default, any other non-empty bearer token is accepted, too.
#[derive(Debug, Parser)]
#[command(name = "defender-graph-emulator", version, after_long_help = after_help())]
pub struct Arguments {
    /// Address to listen on, such as 127.0.0.1:8400, localhost:8400 or :8400; port 0 selects a free port. With an
    /// address other than loopback, anyone who can reach the port can change the tenant: any token is accepted, and
    /// test control needs none.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8400", value_parser = parse_listen)]
    pub listen: SocketAddr,

    /// Serve https, with a certificate made at start for this machine's names. The certificate of its authority is
    /// written to FILE; clients have to trust it.
    #[arg(long, value_name = "FILE")]
    pub tls: Option<PathBuf>,

    /// A further host name or IP address for the certificate. Can be repeated.
    #[arg(long, value_name = "NAME", requires = "tls")]
    pub tls_name: Vec<String>,

    /// JSON file with the objects at start, in Graph's shapes; without it the tenant is empty.
    #[arg(long, value_name = "FILE")]
    pub tenant: Option<PathBuf>,

    /// Delay before each HTTP request is served, such as 50ms or 1.5s.
    #[arg(long, value_name = "DURATION", default_value = "0ms", value_parser = parse_duration)]
    pub latency: Duration,

    /// Maximum page size of all collections, to test paging. By default the page size of the service.
    #[arg(long, value_name = "N", value_parser = parse_page_size)]
    pub page_size: Option<usize>,

    /// Enforce Intune's published limits for device configurations: per 20 seconds and application 100 writes
    /// and 1000 requests, per tenant twice as many. Requests over a limit get a 429 without Retry-After.
    #[arg(long)]
    pub limits: bool,

    /// Accept only tokens that the emulator issued. Otherwise a JWT has the permissions that it names, without a
    /// check of its signature, and any other text is a token with every permission.
    #[arg(long)]
    pub require_sign_in: bool,

    /// Number that decides everything random: new ids, the order of rows, the order of batch items. The same number,
    /// tenant and requests give the same answers, except for times and tokens. By default another one at each start;
    /// see /_emulator/calls for the one in use.
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,

    /// JSON file with choices for open questions about the service, in the format of PUT /_emulator/semantics.
    #[arg(long, value_name = "FILE")]
    pub semantics: Option<PathBuf>,

    /// JSON file with test faults to set at start, in the format of POST /_emulator/faults.
    #[arg(long, value_name = "FILE")]
    pub faults: Option<PathBuf>,
}

/// What the options alone do not say. The tables are those of the reference page.
fn after_help() -> String {
    let list = |title: &str, entries: &[Entry]| {
        let entries = entries
            .iter()
            .map(|entry| format!("  {}\n      {}\n", entry.form, entry.meaning.replace('`', "")));
        format!("\n{title}\n{}", entries.collect::<String>())
    };
    let choices = SEMANTICS_CHOICES.iter().map(|choice| {
        format!(
            "  {}: {}\n      {}\n",
            choice.name,
            choice.values.join(", "),
            choice.question.replace('`', "")
        )
    });
    [
        INTRODUCTION.to_owned(),
        list("Requests of Graph; {version} is v1.0 or beta:", &GRAPH_ROUTES),
        list("Requests for tokens:", &SIGN_IN_ROUTES),
        list("Test control (no token needed; not part of Graph):", &CONTROL_ROUTES),
        list(FAULTS, &FAULT_EFFECTS),
        format!("\nChoices for open questions about the service:\n{}", choices.collect::<String>()),
    ]
    .concat()
}

const FAULTS: &str = "Faults, each with \"match\"?: {\"method\"?, \"path\"?, \"query\"?, \"skip\"?: n} and \"times\"?: n \
                      (default 1; null for no limit):";

const INTRODUCTION: &str = r##"First line on stdout:
  listening on http://127.0.0.1:PORT (https with --tls)
Ctrl-C and SIGTERM end it with status 0.

A tenant file. Each part and each "id" is optional; a part can also be an answer of Graph with its "value":
  {
    "deviceConfigurations": [
      { "id": "0b8a3d5e-5c0f-4a55-9a07-3a1d0a5c6d01", "displayName": "Onboarding",
        "assignments": [
          { "target": { "@odata.type": "#microsoft.graph.groupAssignmentTarget",
                        "groupId": "5f8bd3bd-0e2c-4f9d-8f53-2f9c1a4d7c11" } } ] } ],
    "groups": [ { "id": "5f8bd3bd-0e2c-4f9d-8f53-2f9c1a4d7c11", "displayName": "Pilot" } ],
    "assignmentFilters": [ { "displayName": "Corporate", "platform": "windows10AndLater" } ],
    "applications": [
      { "appId": "6f0c9f3e-2a57-4d0f-8d3b-0f4a6b1c2d02",
        "roles": [ "DeviceManagementConfiguration.ReadWrite.All" ],
        "passwordCredentials": [ { "secretText": "offline-secret" } ] } ]
  }
The file must contain every group that a module names. Unknown groups are refused with 400.

Example:
  defender-graph-emulator --tenant tenant.json --page-size 2
  curl -H 'Authorization: Bearer x' http://127.0.0.1:8400/beta/deviceManagement/deviceConfigurations
"##;

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
    fn an_address_may_be_a_name_or_only_a_port() {
        let address = |text: &str| text.parse::<SocketAddr>().unwrap();
        assert_eq!(parse_listen("127.0.0.1:8400"), Ok(address("127.0.0.1:8400")));
        assert_eq!(parse_listen(":8400"), Ok(address("127.0.0.1:8400")));
        assert_eq!(parse_listen("localhost:8400"), Ok(address("127.0.0.1:8400")));
        assert_eq!(parse_listen("[::1]:0"), Ok(address("[::1]:0")));
        for text in ["", "8400", "here", "127.0.0.1", ":port", "127.0.0.1:70000"] {
            assert!(parse_listen(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory;
        Arguments::command().debug_assert();
    }
}
