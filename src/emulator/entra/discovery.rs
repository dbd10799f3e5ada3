//! What sign-in libraries read before they ask for a token: the OpenID configuration of a tenant ("OpenID Connect on
//! the Microsoft identity platform"), its keys, and the hosts of the cloud. The addresses in it are the emulator's
//! own.
//!
//! ```text
//! GET /{tenant}/v2.0/.well-known/openid-configuration
//! GET /{tenant}/.well-known/openid-configuration
//! GET /{tenant}/discovery/v2.0/keys       and /{tenant}/discovery/keys
//! GET /common/discovery/instance
//! ```

use serde_json::{Value, json};

use super::directory::Directory;
use super::error::SignInError;
use super::state::EntraState;

/// Names that mean the home tenant of the identity that signs in.
const ANY_TENANT: [&str; 3] = ["common", "organizations", "consumers"];

/// The OpenID configuration.
pub fn openid_configuration(
    directory: &Directory,
    origin: &str,
    tenant: &str,
    version_2: bool,
) -> Result<Value, SignInError> {
    check_tenant(directory, tenant)?;
    let id = if ANY_TENANT.contains(&tenant) { "{tenantid}".to_owned() } else { directory.tenant_id(tenant) };
    let (version, issuer) = if version_2 {
        ("/v2.0", format!("{origin}/{id}/v2.0"))
    } else {
        ("", format!("https://sts.windows.net/{id}/"))
    };
    Ok(json!({
        "authorization_endpoint": format!("{origin}/{tenant}/oauth2{version}/authorize"),
        "token_endpoint": format!("{origin}/{tenant}/oauth2/v2.0/token"),
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
        "jwks_uri": format!("{origin}/{tenant}/discovery{version}/keys"),
        "issuer": issuer,
        "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "cloud_instance_name": "microsoftonline.com",
        "msgraph_host": "graph.microsoft.com",
    }))
}

/// The public keys, as a JSON Web Key Set (RFC 7517).
pub fn keys(directory: &Directory, entra: &EntraState, tenant: &str) -> Result<Value, SignInError> {
    check_tenant(directory, tenant)?;
    Ok(json!({"keys": [entra.tokens.to_jwk(), entra.oidc.to_jwk()]}))
}

/// The hosts of the cloud: the emulator is the only one.
pub fn instance(origin: &str) -> Value {
    let host = origin.split_once("://").map_or(origin, |(_, host)| host);
    json!({
        "tenant_discovery_endpoint": format!("{origin}/common/v2.0/.well-known/openid-configuration"),
        "api-version": "1.1",
        "metadata": [{"preferred_network": host, "preferred_cache": host, "aliases": [host]}],
    })
}

fn check_tenant(directory: &Directory, tenant: &str) -> Result<(), SignInError> {
    if ANY_TENANT.contains(&tenant) || directory.is_tenant(tenant) {
        Ok(())
    } else {
        Err(SignInError::unknown_tenant(tenant))
    }
}
