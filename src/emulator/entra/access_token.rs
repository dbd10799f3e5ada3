//! Access tokens for Graph: their claims, and which resources they are for. Claims as in "Access token claims
//! reference", Microsoft identity platform.

use serde_json::json;
use time::OffsetDateTime;
use uuid::Uuid;

use super::signing_key::SigningKey;

/// Root addresses of Graph in each cloud ("National cloud deployments", Microsoft Graph).
const GRAPH: [&str; 4] = [
    "https://graph.microsoft.com",
    "https://graph.microsoft.us",
    "https://dod-graph.microsoft.us",
    "https://microsoftgraph.chinacloudapi.cn",
];

/// The application id of Graph, which can also be the audience of a token.
const GRAPH_APP_ID: &str = "00000003-0000-0000-c000-000000000000";

/// Who a token is for.
#[derive(Debug)]
pub struct TokenSubject<'a> {
    /// The client id.
    pub app_id: &'a str,
    /// The name of the application.
    pub display_name: &'a str,
    /// The id of the service principal.
    pub object_id: &'a str,
    /// Permissions.
    pub roles: &'a [String],
    /// The id of the tenant.
    pub tenant_id: &'a str,
    /// How the client authenticated: `1` with a secret, `2` with a certificate or an assertion.
    pub proof: &'static str,
}

/// Whether a resource or an audience is Graph.
pub fn is_graph(audience: &str) -> bool {
    let audience = audience.trim_end_matches('/');
    audience == GRAPH_APP_ID || GRAPH.contains(&audience)
}

/// Issues a token that expires after `lifetime` seconds.
pub fn issue(key: &SigningKey, subject: &TokenSubject<'_>, audience: &str, lifetime: i64) -> String {
    let now = now();
    key.sign(&json!({
        "aud": audience.trim_end_matches('/'),
        "iss": format!("https://sts.windows.net/{}/", subject.tenant_id),
        "iat": now,
        "nbf": now,
        "exp": now.saturating_add(lifetime),
        "app_displayname": subject.display_name,
        "appid": subject.app_id,
        "appidacr": subject.proof,
        "idtyp": "app",
        "oid": subject.object_id,
        "roles": subject.roles,
        "sub": subject.object_id,
        "tid": subject.tenant_id,
        "uti": Uuid::new_v4().simple().to_string(),
        "ver": "1.0",
    }))
}

/// The current time in seconds since 1970.
pub fn now() -> i64 {
    OffsetDateTime::now_utc().unix_timestamp()
}
