//! The addresses of Graph and of the authority, and the scope of tokens.

use crate::auth::select;

use super::super::configuration::prepare;
use super::notation::{Scenario, outcome};

/// The inputs, then Graph, authority and scope without `https://` and `/.default`.
pub(super) const ROWS: &[(&str, [&str; 3])] = &[
    ("", [GLOBAL, "login.microsoftonline.com", GLOBAL]),
    (
        "environment=public bulk_refresh=false look_up_groups=false",
        [GLOBAL, "login.microsoftonline.com", GLOBAL],
    ),
    ("environment=usgovernment", [GCC_HIGH, "login.microsoftonline.us", GCC_HIGH]),
    ("environment=usgovernmentl4", [GCC_HIGH, "login.microsoftonline.us", GCC_HIGH]),
    ("environment=usgovernmentl5", [DOD, "login.microsoftonline.us", DOD]),
    ("ARM_ENVIRONMENT=dod AZURE_CLOUD=AzureCloud", [DOD, "login.microsoftonline.us", DOD]),
    ("AZURE_CLOUD=AzureChinaCloud", [CHINA, "login.chinacloudapi.cn", CHINA]),
    ("environment=global ARM_ENVIRONMENT=china", [GLOBAL, "login.microsoftonline.com", GLOBAL]),
    // Tokens are for the cloud, even with another Graph endpoint.
    (
        "environment=china graph_endpoint=http://127.0.0.1:1/ authority_host=http://127.0.0.1:2",
        ["http://127.0.0.1:1", "http://127.0.0.1:2", CHINA],
    ),
    (
        "DEFENDER_GRAPH_ENDPOINT=http://localhost:1 ARM_ACTIVE_DIRECTORY_AUTHORITY_HOST=login.example DEFENDER_PREFLIGHT=off DEFENDER_BULK_REFRESH=false DEFENDER_LOOK_UP_GROUPS=false",
        ["http://localhost:1", "login.example", GLOBAL],
    ),
];

const GLOBAL: &str = "graph.microsoft.com";
const GCC_HIGH: &str = "graph.microsoft.us";
const DOD: &str = "dod-graph.microsoft.us";
const CHINA: &str = "microsoftgraph.chinacloudapi.cn";

#[test]
fn graph_authority_and_scope_follow_from_cloud_and_overrides() {
    for (row, expected) in ROWS {
        let scenario = Scenario::parse(row);
        let Ok(prepared) = prepare(&scenario.settings(), "") else { panic!("{row}: {}", outcome(&scenario)) };
        let sign_in = select(&scenario.settings()).unwrap();
        let found = [
            prepared.graph.endpoint().to_string(),
            sign_in.authority.to_string(),
            sign_in.scope.strip_suffix("/.default").unwrap().to_owned(),
        ];
        assert_eq!(found.map(|text| text.trim_start_matches("https://").to_owned()), *expected, "{row}");
    }
}
