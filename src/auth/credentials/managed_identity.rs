//! Signs in as the identity that Azure assigned to this machine ("How to use managed identities for Azure resources on
//! an Azure VM to acquire an access token"; "How to use managed identities for App Service and Azure Functions"). Does
//! not detect whether this machine is in Azure, and reads no environment variables.
//!
//! ```text
//! GET {address}?api-version=2019-08-01&resource=…[&client_id=…]     Metadata: true, or X-IDENTITY-HEADER
//! 200 {"access_token": "…", "expires_on": "1586984735", …}          seconds since 1970 UTC, as text or number
//! ```

use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use azure_core::http::Url;
use serde_json::{Map, Value};
use time::OffsetDateTime;
use tokio::time::timeout;

use crate::auth::credential::{AccessToken, Credential};
use crate::auth::entra::{
    MAX_BODY_BYTES, MAX_LIFETIME_SECONDS, SecretRedactor, TokenResponse, host_of, parse_failure,
    parse_seconds,
};
use crate::auth::error::SignInFailure;
use crate::auth::method::MetadataService;
use crate::auth::selected_method::SelectedMethod;
use crate::transport::{HttpMethod, HttpRequest, ProxyUse, Secret, Transport};

use super::limits::SignInLimits;
use super::retry::{FailedRequest, retry};

/// The name of the service in messages, if no address is configured.
const DEFAULT_SERVICE_NAME: &str = "the managed identity endpoint";
/// The metadata service has this address on every virtual machine of Azure.
const VIRTUAL_MACHINE_ADDRESS: &str = "http://169.254.169.254/metadata/identity/oauth2/token";
const API_VERSION: &str = "2019-08-01";
const RETRIES: u32 = 5;
/// The member of the response that holds the token.
const TOKEN: &str = "access_token";

#[derive(Debug)]
pub(super) struct ManagedIdentity {
    pub(super) client_id: Option<String>,
    pub(super) service: MetadataService,
    pub(super) scope: String,
    pub(super) selected_method: SelectedMethod,
    pub(super) transport: Transport,
    pub(super) limits: SignInLimits,
}

#[async_trait]
impl Credential for ManagedIdentity {
    async fn sign_in(&self) -> Result<AccessToken, SignInFailure> {
        if let MetadataService::Unsupported(product) = self.service {
            let reason =
                format!("the managed identity of {product} is not supported; configure another method");
            return Err(SignInFailure::InvalidInput { input: "use_msi", reason });
        }
        let last_failure = Mutex::new(None);
        let result = timeout(self.limits.managed_identity, self.fetch_with_retries(&last_failure)).await;
        result.unwrap_or_else(|_| {
            let last_failure = last_failure.into_inner().unwrap_or_else(PoisonError::into_inner);
            Err(last_failure.unwrap_or_else(|| self.timeout_failure()))
        })
    }

    fn selected_method(&self) -> &SelectedMethod {
        &self.selected_method
    }
}

impl ManagedIdentity {
    /// Retries while the service is not available, for example during a restart.
    async fn fetch_with_retries(
        &self,
        last_failure: &Mutex<Option<SignInFailure>>,
    ) -> Result<AccessToken, SignInFailure> {
        let fetch = || async {
            let result = self.fetch().await;
            if let Err(failed_request) = &result {
                let mut last = last_failure.lock().unwrap_or_else(PoisonError::into_inner);
                *last = Some(failed_request.failure.clone());
            }
            result
        };
        retry(RETRIES, self.limits.first_retry_delay, fetch).await
    }

    async fn fetch(&self) -> Result<AccessToken, FailedRequest> {
        let request = self.build_request()?;
        let service = host_of(&request.url);
        let no_response = |cause| FailedRequest::no_response(&service, cause);
        let response = self.transport.send(request).await.map_err(no_response)?;
        let (status, content_type) = (response.status(), response.header("content-type"));
        let body = response.read(MAX_BODY_BYTES).await.map_err(no_response)?;
        if !(200..300).contains(&status) {
            // The service answers 404 and 410 while it is being updated.
            let is_transient = matches!(status, 404 | 408 | 410 | 429 | 500..=599);
            let failure = parse_failure(&service, status, &body, &self.redactor());
            return Err(FailedRequest { failure, is_transient });
        }
        let response =
            TokenResponse { service: &service, status, content_type: content_type.as_deref(), body: &body };
        let members = response.parse(TOKEN)?;
        parse_token(&members).ok_or_else(|| response.missing_token().into())
    }

    fn build_request(&self) -> Result<HttpRequest, SignInFailure> {
        let address = match &self.service {
            MetadataService::At(address) | MetadataService::AppService { address, .. } => address,
            MetadataService::VirtualMachine | MetadataService::Unsupported(_) => VIRTUAL_MACHINE_ADDRESS,
        };
        let mut request =
            HttpRequest::new(HttpMethod::Get, self.build_url(address)?).header("accept", "application/json");
        request.proxy = ProxyUse::Never;
        Ok(match &self.service {
            MetadataService::AppService { header, .. } => {
                request.secret_header("x-identity-header", header.clone())
            }
            _ => request.header("metadata", "true"),
        })
    }

    fn build_url(&self, address: &str) -> Result<String, SignInFailure> {
        let mut url = Url::parse(address).map_err(|_| SignInFailure::InvalidInput {
            input: "msi_endpoint",
            reason: "it is not an absolute URL".to_owned(),
        })?;
        let resource = self.scope.strip_suffix("/.default").unwrap_or(&self.scope);
        url.query_pairs_mut().append_pair("api-version", API_VERSION).append_pair("resource", resource);
        if let Some(client_id) = &self.client_id {
            url.query_pairs_mut().append_pair("client_id", client_id);
        }
        Ok(url.into())
    }

    /// Redacts the secret header from messages, because a server may echo the request.
    fn redactor(&self) -> SecretRedactor {
        match &self.service {
            MetadataService::AppService { header, .. } => SecretRedactor::new(&[header]),
            _ => SecretRedactor::default(),
        }
    }

    fn timeout_failure(&self) -> SignInFailure {
        let service = match &self.service {
            MetadataService::At(address) | MetadataService::AppService { address, .. } => host_of(address),
            _ => DEFAULT_SERVICE_NAME.to_owned(),
        };
        SignInFailure::TimedOut { service, limit: self.limits.managed_identity }
    }
}

/// Parses the token and its expiry. Returns `None` if the response states no expiry.
fn parse_token(members: &Map<String, Value>) -> Option<AccessToken> {
    let now = OffsetDateTime::now_utc().unix_timestamp();
    let parse_member = |name: &str| members.get(name).and_then(parse_seconds);
    let lifetime = parse_member("expires_on")
        .map(|expiry| expiry.saturating_sub(now))
        .or_else(|| parse_member("expires_in"))?;
    let lifetime = lifetime.clamp(0, MAX_LIFETIME_SECONDS);
    let expires_on = OffsetDateTime::from_unix_timestamp(now.checked_add(lifetime)?).ok()?;
    Some(AccessToken { secret: Secret::new(members.get(TOKEN)?.as_str()?), expires_on })
}
