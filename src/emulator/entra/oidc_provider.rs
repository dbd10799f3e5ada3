//! Pipelines that issue OIDC tokens, as the tenant file describes them. Their endpoints are in
//! `oidc_endpoint.rs`.

use serde_json::Value;

use super::application::read_required;
use super::state::EntraState;
use super::tenant_secret::TenantSecret;
use crate::emulator::member_reader::{MemberReader, ShapeError};
use crate::emulator::request::IncomingRequest;

/// The audience that Entra expects.
pub const EXCHANGE: &str = "api://AzureADTokenExchange";

/// The default issuer of GitHub's tokens.
const GITHUB: &str = "https://token.actions.githubusercontent.com";

/// In seconds.
const LIFETIME: i64 = 600;

/// The pipelines of a tenant file.
#[derive(Clone, Debug, Default)]
pub struct OidcProviders {
    /// GitHub Actions.
    pub github: Option<OidcProvider>,
    /// Azure DevOps.
    pub azure_devops: Option<OidcProvider>,
}

/// One pipeline.
#[derive(Clone, Debug)]
pub struct OidcProvider {
    issuer: String,
    /// The claim `sub` of its tokens.
    pub subject: String,
    /// The bearer token that a request must carry; `None` accepts any token.
    request_token: Option<TenantSecret>,
    /// The service connection that a request must name; `None` accepts any.
    pub service_connection_id: Option<String>,
}

impl OidcProviders {
    /// Reads the member `oidcProviders` of the tenant file.
    pub fn from_seed(document: Option<Value>) -> Result<Self, ShapeError> {
        let Some(document) = document.filter(|document| !document.is_null()) else {
            return Ok(Self::default());
        };
        let mut members = MemberReader::open(document, "oidcProviders", "oidcProviders")?;
        let providers = Self {
            github: OidcProvider::from_seed(&mut members, "github", Some(GITHUB))?,
            azure_devops: OidcProvider::from_seed(&mut members, "azureDevOps", None)?,
        };
        members.finish()?;
        Ok(providers)
    }

    /// Whether one of the pipelines has this issuer.
    pub fn has_issuer(&self, issuer: &str) -> bool {
        [&self.github, &self.azure_devops].into_iter().flatten().any(|provider| provider.issuer == issuer)
    }
}

impl OidcProvider {
    fn from_seed(
        parent: &mut MemberReader,
        name: &str,
        issuer: Option<&str>,
    ) -> Result<Option<Self>, ShapeError> {
        let place = parent.place(name);
        let Some(document) = parent.any(name).filter(|document| !document.is_null()) else { return Ok(None) };
        let mut members = MemberReader::open(document, "oidcProvider", &place)?;
        let provider = Self {
            issuer: match issuer {
                Some(usual) => members.text("issuer")?.value().unwrap_or_else(|| usual.to_owned()),
                None => read_required(&mut members, "issuer")?,
            },
            subject: read_required(&mut members, "subject")?,
            request_token: members.text("requestToken")?.value().map(TenantSecret::new),
            service_connection_id: members.text("serviceConnectionId")?.value(),
        };
        members.finish()?;
        Ok(Some(provider))
    }

    /// Signs a token for an audience.
    pub fn issue(&self, entra: &EntraState, audience: &str) -> String {
        entra.sign_pipeline_token(&self.issuer, &self.subject, audience, LIFETIME)
    }

    /// Whether a request carries the bearer token of this pipeline.
    pub fn knows(&self, incoming: &IncomingRequest) -> bool {
        let sent = incoming.bearer.as_deref();
        sent.is_some_and(|sent| self.request_token.as_ref().is_none_or(|own| own.is(sent)))
    }
}
