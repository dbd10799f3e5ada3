//! Test control for tokens.
//!
//! ```text
//! GET  /_emulator/tokens          200 {"requests": [{number, path, tenant, clientId, grant, scope, credential,
//!                                 assertion: {header, claims}, status, errorCode, fault, clientRequestId}]}
//! POST /_emulator/tokens/revoke   204; tokens issued before are refused with 401
//! GET  /_emulator/oidc/token?issuer=…&subject=…&audience=…&lifetimeSeconds=…
//!                                 200 {"token"}, signed like those of the pipelines; audience and lifetime are
//!                                 optional, and the lifetime may be negative
//! ```

use serde_json::json;

use super::form::FormFields;
use super::oidc_provider::EXCHANGE;
use crate::emulator::response::ServiceResponse;
use crate::emulator::service::EmulatedService;

/// In seconds.
const USUAL_LIFETIME: i64 = 600;

/// Answers a control request that is about tokens; `None` for all others.
pub fn answer(
    service: &EmulatedService,
    method: &str,
    parts: &[&str],
    query: &str,
) -> Option<Result<ServiceResponse, String>> {
    match (method, parts) {
        ("GET", ["tokens"]) => {
            Some(Ok(ServiceResponse::json(200, json!({"requests": service.state().entra.requests()}))))
        }
        ("POST", ["tokens", "revoke"]) => {
            service.state().entra.revoke();
            Some(Ok(ServiceResponse::no_content()))
        }
        ("GET", ["oidc", "token"]) => Some(oidc_token(service, query)),
        _ => None,
    }
}

fn oidc_token(service: &EmulatedService, query: &str) -> Result<ServiceResponse, String> {
    let form = FormFields::parse(query);
    let needed =
        |name: &str| form.get(name).ok_or_else(|| format!("{name}: This query parameter is required."));
    let (issuer, subject) = (needed("issuer")?, needed("subject")?);
    let lifetime = match form.get("lifetimeSeconds") {
        None => USUAL_LIFETIME,
        Some(text) => {
            text.parse().map_err(|_| format!("lifetimeSeconds: '{text}' is not a number of seconds."))?
        }
    };
    let audience = form.get("audience").unwrap_or(EXCHANGE);
    let token = service.state().entra.sign_pipeline_token(issuer, subject, audience, lifetime);
    Ok(ServiceResponse::json(200, json!({"token": token})))
}
