//! The part of test control that is about tokens.
//!
//! ```text
//! GET  /_emulator/tokens          200 {"requests": [{number, path, tenant, clientId, grant, scope, credential,
//!                                 assertion: {header, claims}, status, errorCode, fault, clientRequestId}]}
//! POST /_emulator/tokens/revoke   204; tokens issued before are answered 401
//! GET  /_emulator/oidc/token?issuer=…&subject=…&audience=…&lifetimeSeconds=…
//!                                 200 {"token"}, signed as those of the pipelines; the audience may be left out, the
//!                                 lifetime, too, and it may be less than zero
//! ```

use serde_json::json;

use super::form::Form;
use super::oidc_provider::EXCHANGE;
use crate::emulator::answer::Answer;
use crate::emulator::service::Service;

/// In seconds.
const USUAL_LIFETIME: i64 = 600;

/// Answers a request whose path is below `/_emulator`, if it is about tokens.
pub fn answer(
    service: &Service,
    method: &str,
    parts: &[&str],
    query: &str,
) -> Option<Result<Answer, String>> {
    match (method, parts) {
        ("GET", ["tokens"]) => {
            Some(Ok(Answer::json(200, json!({"requests": service.inner().entra.requests()}))))
        }
        ("POST", ["tokens", "revoke"]) => {
            service.inner().entra.revoke();
            Some(Ok(Answer::no_content()))
        }
        ("GET", ["oidc", "token"]) => Some(oidc_token(service, query)),
        _ => None,
    }
}

fn oidc_token(service: &Service, query: &str) -> Result<Answer, String> {
    let form = Form::parse(query);
    let needed = |name: &str| form.get(name).ok_or_else(|| format!("{name}: It is needed in the query."));
    let (issuer, subject) = (needed("issuer")?, needed("subject")?);
    let lifetime = match form.get("lifetimeSeconds") {
        None => USUAL_LIFETIME,
        Some(text) => {
            text.parse().map_err(|_| format!("lifetimeSeconds: '{text}' is not a number of seconds."))?
        }
    };
    let audience = form.get("audience").unwrap_or(EXCHANGE);
    let token = service.inner().entra.sign_pipeline_token(issuer, subject, audience, lifetime);
    Ok(Answer::json(200, json!({"token": token})))
}
