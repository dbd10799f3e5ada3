//! Pipelines that vouch for themselves with tokens of their own, as the tenant file describes them. Their endpoints are in
//! `oidc_endpoint.rs`.

use serde_json::Value;

use super::application::required;
use super::hidden::Hidden;
use super::state::Entra;
use crate::emulator::members::{Members, ShapeError};
use crate::emulator::request::Incoming;

/// What Entra expects as audience.
pub const EXCHANGE: &str = "api://AzureADTokenExchange";

/// The issuer of GitHub's tokens, unless the tenant file says otherwise.
const GITHUB: &str = "https://token.actions.githubusercontent.com";

/// In seconds.
const LIFETIME: i64 = 600;

/// The pipelines of a tenant file.
#[derive(Clone, Debug, Default)]
pub struct OidcProviders {
    /// GitHub Actions.
    pub github: Option<Provider>,
    /// Azure DevOps.
    pub azure_devops: Option<Provider>,
}

/// One pipeline.
#[derive(Clone, Debug)]
pub struct Provider {
    issuer: String,
    /// The claim `sub` of its tokens.
    pub subject: String,
    /// The bearer token that a request must carry; none for any.
    request_token: Option<Hidden>,
    /// The service connection that may be asked for; none for any.
    pub service_connection_id: Option<String>,
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

    /// Signs a token for an audience.
    pub fn issue(&self, entra: &Entra, audience: &str) -> String {
        entra.sign_pipeline_token(&self.issuer, &self.subject, audience, LIFETIME)
    }

    /// Whether a request carries the bearer token of this pipeline.
    pub fn knows(&self, incoming: &Incoming) -> bool {
        let sent = incoming.bearer.as_deref();
        sent.is_some_and(|sent| self.request_token.as_ref().is_none_or(|own| own.is(sent)))
    }
}
