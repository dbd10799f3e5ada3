//! Pipelines that vouch for themselves with tokens of their own: GitHub Actions ("OpenID Connect reference", GitHub
//! Docs) and Azure DevOps ("Oidctoken - Create", Azure DevOps Services REST API). Below `/_emulator`, since neither is
//! a part of Microsoft's login; the tokens are good for federated credentials that name the same issuer and subject.
//!
//! ```text
//! GET  /_emulator/oidc/github?audience=…             with a bearer token: 200 {"count", "value"}
//! POST /_emulator/oidc/azure-devops?api-version=7.1&serviceConnectionId=…
//!                                                    with a bearer token: 200 {"oidcToken"}
//! ```

use axum::http::Method;
use serde_json::json;

use super::error::answer;
use super::form::Form;
use super::oidc_provider::{EXCHANGE, OidcProviders};
use super::state::Entra;
use crate::emulator::answer::Answer;
use crate::emulator::request::Incoming;

/// Answers as GitHub Actions.
pub fn github(providers: &OidcProviders, entra: &Entra, incoming: &Incoming) -> Answer {
    let Some(provider) = &providers.github else { return refused(404, "The tenant file has no 'github'.") };
    if !provider.knows(incoming) {
        return refused(401, "The bearer token is missing or wrong.");
    }
    if incoming.method != Method::GET {
        return refused(405, "The verb is GET.");
    }
    // By default GitHub names the owner of the repository.
    let owner = provider.subject.strip_prefix("repo:").and_then(|rest| rest.split('/').next());
    let usual = format!("https://github.com/{}", owner.unwrap_or_default());
    let form = Form::parse(incoming.query());
    let token = provider.issue(entra, form.get("audience").unwrap_or(&usual));
    answer(200, &json!({"count": token.len(), "value": token}))
}

/// Answers as Azure DevOps.
pub fn azure_devops(providers: &OidcProviders, entra: &Entra, incoming: &Incoming) -> Answer {
    let Some(provider) = &providers.azure_devops else {
        return refused(404, "The tenant file has no 'azureDevOps'.");
    };
    if !provider.knows(incoming) {
        return refused(401, "The bearer token is missing or wrong.");
    }
    if incoming.method != Method::POST {
        return refused(405, "The verb is POST.");
    }
    let form = Form::parse(incoming.query());
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

fn refused(status: u16, text: &str) -> Answer {
    answer(status, &json!({"message": text}))
}
