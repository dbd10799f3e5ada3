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
use serde_json::{Value, json};
use uuid::Uuid;

use super::Entra;
use super::access_token::now;
use super::application::required;
use super::error::answer;
use super::form::Form;
use super::hidden::Hidden;
use crate::emulator::answer::Answer;
use crate::emulator::call::Incoming;
use crate::emulator::members::{Members, ShapeError};

/// What Entra expects as audience.
pub const EXCHANGE: &str = "api://AzureADTokenExchange";

/// The issuer of GitHub's tokens, unless the tenant file says otherwise.
const GITHUB: &str = "https://token.actions.githubusercontent.com";

/// In seconds.
const LIFETIME: i64 = 600;

/// The pipelines of a tenant file.
#[derive(Clone, Debug, Default)]
pub struct OidcProviders {
    github: Option<Provider>,
    azure_devops: Option<Provider>,
}

/// One pipeline.
#[derive(Clone, Debug)]
struct Provider {
    issuer: String,
    subject: String,
    /// The bearer token that a request must carry; none for any.
    request_token: Option<Hidden>,
    /// The service connection that may be asked for; none for any.
    service_connection_id: Option<String>,
}

impl OidcProviders {
    /// Reads the member `oidcProviders` of the tenant file.
    pub fn seeded(document: Option<Value>) -> Result<Self, ShapeError> {
        let Some(document) = document.filter(|document| !document.is_null()) else {
            return Ok(Self::default());
        };
        let mut members = Members::of(document, "oidcProviders", "oidcProviders")?;
        let providers = Self {
            github: Provider::seeded(&mut members, "github", Some(GITHUB))?,
            azure_devops: Provider::seeded(&mut members, "azureDevOps", None)?,
        };
        members.finish()?;
        Ok(providers)
    }

    /// Whether one of the pipelines is this issuer.
    pub fn has_issuer(&self, issuer: &str) -> bool {
        [&self.github, &self.azure_devops].into_iter().flatten().any(|provider| provider.issuer == issuer)
    }
}

impl Provider {
    fn seeded(parent: &mut Members, name: &str, issuer: Option<&str>) -> Result<Option<Self>, ShapeError> {
        let place = parent.place(name);
        let Some(document) = parent.any(name).filter(|document| !document.is_null()) else { return Ok(None) };
        let mut members = Members::of(document, "oidcProvider", &place)?;
        let provider = Self {
            issuer: match issuer {
                Some(usual) => members.text("issuer")?.value().unwrap_or_else(|| usual.to_owned()),
                None => required(&mut members, "issuer")?,
            },
            subject: required(&mut members, "subject")?,
            request_token: members.text("requestToken")?.value().map(Hidden::new),
            service_connection_id: members.text("serviceConnectionId")?.value(),
        };
        members.finish()?;
        Ok(Some(provider))
    }

    fn knows(&self, incoming: &Incoming) -> bool {
        let sent = incoming.bearer.as_deref();
        sent.is_some_and(|sent| self.request_token.as_ref().is_none_or(|own| own.is(sent)))
    }
}

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
    let token =
        mint(entra, &provider.issuer, &provider.subject, form.get("audience").unwrap_or(&usual), LIFETIME);
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
    answer(200, &json!({"oidcToken": mint(entra, &provider.issuer, &provider.subject, EXCHANGE, LIFETIME)}))
}

/// Signs a token that lives for this many seconds from now.
pub fn mint(entra: &Entra, issuer: &str, subject: &str, audience: &str, lifetime: i64) -> String {
    let now = now();
    entra.oidc.sign(&json!({
        "jti": Uuid::new_v4().to_string(),
        "iss": issuer,
        "sub": subject,
        "aud": audience,
        "iat": now,
        "nbf": now.min(now.saturating_add(lifetime)),
        "exp": now.saturating_add(lifetime),
    }))
}

fn refused(status: u16, text: &str) -> Answer {
    answer(status, &json!({"message": text}))
}
