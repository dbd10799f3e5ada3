//! OIDC tokens of pipelines: GitHub Actions ("OpenID Connect reference", GitHub Docs) and Azure DevOps
//! ("Oidctoken - Create", Azure DevOps Services REST API). The addresses start with `/_emulator`, since neither
//! service belongs to Microsoft's login. The tokens match federated credentials with the same issuer and
//! subject.
//!
//! ```text
//! GET  /_emulator/oidc/github?audience=…             with a bearer token: 200 {"count", "value"}
//! POST /_emulator/oidc/azure-devops?api-version=7.1&serviceConnectionId=…
//!                                                    with a bearer token: 200 {"oidcToken"}
//! ```

use axum::http::Method;
use serde_json::json;

use super::error::answer;
use super::form::FormFields;
use super::oidc_provider::{EXCHANGE, OidcProviders};
use super::state::EntraState;
use crate::emulator::request::IncomingRequest;
use crate::emulator::response::ServiceResponse;

/// Answers as GitHub Actions.
pub fn github(providers: &OidcProviders, entra: &EntraState, incoming: &IncomingRequest) -> ServiceResponse {
    let Some(provider) = &providers.github else {
        return refused(404, "The tenant file does not define 'github'.");
    };
    if !provider.knows(incoming) {
        return refused(401, "The bearer token is missing or wrong.");
    }
    if incoming.method != Method::GET {
        return refused(405, "The method must be GET.");
    }
    // GitHub's default audience is the owner of the repository.
    let owner = provider.subject.strip_prefix("repo:").and_then(|rest| rest.split('/').next());
    let usual = format!("https://github.com/{}", owner.unwrap_or_default());
    let form = FormFields::parse(incoming.query());
    let token = provider.issue(entra, form.get("audience").unwrap_or(&usual));
    answer(200, &json!({"count": token.len(), "value": token}))
}

/// Answers as Azure DevOps.
pub fn azure_devops(
    providers: &OidcProviders,
    entra: &EntraState,
    incoming: &IncomingRequest,
) -> ServiceResponse {
    let Some(provider) = &providers.azure_devops else {
        return refused(404, "The tenant file does not define 'azureDevOps'.");
    };
    if !provider.knows(incoming) {
        return refused(401, "The bearer token is missing or wrong.");
    }
    if incoming.method != Method::POST {
        return refused(405, "The method must be POST.");
    }
    let form = FormFields::parse(incoming.query());
    if form.get("api-version").is_none() {
        return refused(400, "No api-version was supplied.");
    }
    let Some(asked) = form.get("serviceConnectionId") else {
        return refused(400, "The parameter serviceConnectionId is missing.");
    };
    if provider.service_connection_id.as_ref().is_some_and(|own| !own.eq_ignore_ascii_case(asked)) {
        return refused(404, "The pipeline has no such service connection.");
    }
    answer(200, &json!({"oidcToken": provider.issue(entra, EXCHANGE)}))
}

fn refused(status: u16, text: &str) -> ServiceResponse {
    answer(status, &json!({"message": text}))
}
