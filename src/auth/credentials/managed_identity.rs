//! The identity that Azure gave to this machine ("How to use managed identities for Azure resources on an Azure VM to
//! acquire an access token"; "How to use managed identities for App Service and Azure Functions"). Does not find out
//! whether this machine is in Azure, and reads no environment.
//!
//! ```text
//! GET {address}?api-version=2019-08-01&resource=…[&client_id=…]     Metadata: true, or X-IDENTITY-HEADER
//! 200 {"access_token": "…", "expires_on": "1586984735", …}          seconds since 1970 UTC, as text or number
//! ```

use async_trait::async_trait;
use azure_core::http::Url;
use serde_json::{Map, Value};
use time::OffsetDateTime;
use tokio::time::timeout;

use crate::auth::attempt::Attempt;
use crate::auth::credential::{AccessToken, Credential};
use crate::auth::entra::{Cover, LONGEST_LIFE_SECONDS, MAX_BODY_BYTES, Success, host_of, read, seconds};
use crate::auth::error::Problem;
use crate::auth::method::MetadataService;
use crate::transport::{self, Diagnosis, HttpMethod, HttpRequest, ProxyUse, Secret, Transport};

use super::Patience;

const USUAL_HOST: &str = "the managed identity endpoint";
/// Where every virtual machine of Azure has it.
const VIRTUAL_MACHINE: &str = "http://169.254.169.254/metadata/identity/oauth2/token";
const API_VERSION: &str = "2019-08-01";
const REPETITIONS: u32 = 5;
const TOKEN: &str = "access_token";

#[derive(Debug)]
pub(super) struct ManagedIdentity {
    pub(super) client_id: Option<String>,
    pub(super) service: MetadataService,
    pub(super) scope: String,
    pub(super) attempt: Attempt,
    pub(super) transport: Transport,
    pub(super) patience: Patience,
}

#[async_trait]
impl Credential for ManagedIdentity {
    async fn sign_in(&self) -> Result<AccessToken, Problem> {
        if let MetadataService::Unsupported(host) = self.service {
            let problem = format!("the managed identity of {host} is not supported; give another method");
            return Err(Problem::Input { input: "use_msi", problem });
        }
        let mut last = None;
        let asked = timeout(self.patience.managed_identity, self.ask_patiently(&mut last)).await;
        asked.unwrap_or_else(|_| Err(last.unwrap_or_else(|| self.timed_out())))
    }

    fn attempt(&self) -> &Attempt {
        &self.attempt
    }
}

impl ManagedIdentity {
    /// Asks, and asks again if the service is not available: it restarts now and then.
    async fn ask_patiently(&self, last: &mut Option<Problem>) -> Result<AccessToken, Problem> {
        let mut delay = self.patience.first_delay;
        for _ in 0..REPETITIONS {
            match self.ask().await {
                Err((problem, true)) => *last = Some(problem),
                result => return result.map_err(|(problem, _)| problem),
            }
            tokio::time::sleep(delay).await;
            delay = delay.saturating_mul(2);
        }
        self.ask().await.map_err(|(problem, _)| problem)
    }

    /// Asks once. With a problem it says whether the next try could fare better.
    async fn ask(&self) -> Result<AccessToken, (Problem, bool)> {
        let outgoing = self.outgoing().map_err(|problem| (problem, false))?;
        let service = host_of(&outgoing.url);
        let lost = |problem| not_answered(&service, problem);
        let response = self.transport.send(outgoing).await.map_err(lost)?;
        let (status, content_type) = (response.status(), response.header("content-type"));
        let body = response.read(MAX_BODY_BYTES).await.map_err(lost)?;
        if !(200..300).contains(&status) {
            // 404 and 410 while it is being updated.
            let may_pass = matches!(status, 404 | 408 | 410 | 429 | 500..=599);
            return Err((read(&service, status, &body, &self.cover()), may_pass));
        }
        let success =
            Success { service: &service, status, content_type: content_type.as_deref(), body: &body };
        let members = success.with_token(TOKEN).map_err(|problem| (problem, false))?;
        token(&members).ok_or_else(|| (success.withheld(), false))
    }

    fn outgoing(&self) -> Result<HttpRequest, Problem> {
        let address = match &self.service {
            MetadataService::At(address) | MetadataService::AppService { address, .. } => address,
            MetadataService::VirtualMachine | MetadataService::Unsupported(_) => VIRTUAL_MACHINE,
        };
        let mut outgoing =
            HttpRequest::new(HttpMethod::Get, self.url(address)?).header("accept", "application/json");
        outgoing.proxy = ProxyUse::Never;
        Ok(match &self.service {
            MetadataService::AppService { header, .. } => {
                outgoing.secret_header("x-identity-header", header.clone())
            }
            _ => outgoing.header("metadata", "true"),
        })
    }

    fn url(&self, address: &str) -> Result<String, Problem> {
        let problem = || "it is not an absolute URL".to_owned();
        let mut url =
            Url::parse(address).map_err(|_| Problem::Input { input: "msi_endpoint", problem: problem() })?;
        let resource = self.scope.strip_suffix("/.default").unwrap_or(&self.scope);
        url.query_pairs_mut().append_pair("api-version", API_VERSION).append_pair("resource", resource);
        if let Some(client_id) = &self.client_id {
            url.query_pairs_mut().append_pair("client_id", client_id);
        }
        Ok(url.into())
    }

    /// An address that repeats what it was sent must not show the header.
    fn cover(&self) -> Cover {
        match &self.service {
            MetadataService::AppService { header, .. } => Cover::of(&[header]),
            _ => Cover::default(),
        }
    }

    fn timed_out(&self) -> Problem {
        let service = match &self.service {
            MetadataService::At(address) | MetadataService::AppService { address, .. } => host_of(address),
            _ => USUAL_HOST.to_owned(),
        };
        Problem::TimedOut { service, limit: self.patience.managed_identity }
    }
}

fn not_answered(service: &str, problem: transport::TransportError) -> (Problem, bool) {
    let may_pass =
        matches!(problem, transport::TransportError::NotReached(_) | transport::TransportError::Lost(_))
            && Diagnosis::from_error(&problem).is_transient();
    (Problem::NotAnswered { service: service.to_owned(), problem }, may_pass)
}

/// The token with its expiry, which has to be there.
fn token(members: &Map<String, Value>) -> Option<AccessToken> {
    let now = OffsetDateTime::now_utc().unix_timestamp();
    let said = |name: &str| members.get(name).and_then(seconds);
    let life = said("expires_on").map(|moment| moment.saturating_sub(now)).or_else(|| said("expires_in"))?;
    let life = life.clamp(0, LONGEST_LIFE_SECONDS);
    let expires_on = OffsetDateTime::from_unix_timestamp(now.checked_add(life)?).ok()?;
    Some(AccessToken { secret: Secret::new(members.get(TOKEN)?.as_str()?), expires_on })
}
