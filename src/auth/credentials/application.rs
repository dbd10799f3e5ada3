//! Signs in as an application, with a client secret, a certificate or a federated token ("Microsoft identity platform
//! and the OAuth 2.0 client credentials flow"). Does not create the assertions.

use std::sync::Arc;

use async_trait::async_trait;
use azure_core::cloud::{CloudConfiguration, CustomConfiguration};
use azure_core::credentials::{Secret as AzureSecret, TokenCredential};
use azure_core::http::{ClientMethodOptions, ClientOptions, Transport as AzureTransport};
use azure_identity::{
    ClientAssertion, ClientAssertionCredential, ClientAssertionCredentialOptions, ClientSecretCredential,
    ClientSecretCredentialOptions,
};
use tokio::time::timeout;

use crate::auth::claims::Claims;
use crate::auth::credential::{AccessToken, Credential};
use crate::auth::entra::{Adapter, LastFailure, SecretRedactor, host_of};
use crate::auth::error::SignInFailure;
use crate::auth::method::{Application, AssertionSource, Certificate};
use crate::auth::selected_method::SelectedMethod;
use crate::transport::{Endpoint, Secret, Transport};

use super::client_certificate::{self, Algorithm, Assertion};
use super::federated;
use super::limits::SignInLimits;

/// `azure_identity` accepts only https authorities. The adapter replaces this address with the configured authority.
const PLACEHOLDER_AUTHORITY: &str = "https://authority.invalid";

/// The AADSTS codes of authorities that do not support PS256: unknown certificate, invalid signature.
const PS256_REJECTIONS: &[u32] = &[700_027, 5_002_730];

/// How the application authenticates.
#[derive(Debug, Clone)]
pub(super) enum ClientAuthentication {
    Secret(Secret),
    Certificate { certificate: Certificate, password: Option<Secret> },
    Federated(AssertionSource),
}

#[derive(Debug)]
pub(super) struct ApplicationCredential {
    pub(super) application: Application,
    pub(super) authentication: ClientAuthentication,
    pub(super) authority: Endpoint,
    pub(super) scope: String,
    pub(super) selected_method: SelectedMethod,
    pub(super) transport: Transport,
    pub(super) limits: SignInLimits,
}

#[async_trait]
impl Credential for ApplicationCredential {
    async fn sign_in(&self) -> Result<AccessToken, SignInFailure> {
        let limit = self.limits.authority;
        let service = host_of(&self.authority.to_string());
        timeout(limit, self.authenticate()).await.unwrap_or(Err(SignInFailure::TimedOut { service, limit }))
    }

    fn selected_method(&self) -> &SelectedMethod {
        &self.selected_method
    }
}

impl ApplicationCredential {
    async fn authenticate(&self) -> Result<AccessToken, SignInFailure> {
        check_tenant(&self.application.tenant_id)?;
        match &self.authentication {
            ClientAuthentication::Secret(secret) => self.sign_in_with_secret(secret).await,
            ClientAuthentication::Certificate { certificate, password } => {
                self.sign_in_with_certificate(certificate, password.as_ref()).await
            }
            ClientAuthentication::Federated(source) => {
                let assertion = federated::fetch_assertion(source, &self.transport, &self.limits).await?;
                let claims = Claims::parse(assertion.expose());
                let result = self.sign_in_with_assertion(assertion).await;
                result.map_err(|failure| with_presented_claims(claims, failure))
            }
        }
    }

    /// Signs in with PS256. If the authority answers with one of [`PS256_REJECTIONS`], signs in again with RS256,
    /// because ADFS and custom authorities may not support PS256.
    async fn sign_in_with_certificate(
        &self,
        certificate: &Certificate,
        password: Option<&Secret>,
    ) -> Result<AccessToken, SignInFailure> {
        match self.sign_in_with_algorithm(Algorithm::Ps256, certificate, password).await {
            Err(SignInFailure::Rejected(response))
                if response.codes.iter().any(|code| PS256_REJECTIONS.contains(code)) =>
            {
                tracing::debug!("the authority rejected PS256; retrying with RS256");
                self.sign_in_with_algorithm(Algorithm::Rs256, certificate, password).await
            }
            result => result,
        }
    }

    async fn sign_in_with_algorithm(
        &self,
        algorithm: Algorithm,
        certificate: &Certificate,
        password: Option<&Secret>,
    ) -> Result<AccessToken, SignInFailure> {
        let (application, token_endpoint) = (self.application.clone(), self.token_endpoint());
        let assertion = Assertion { algorithm, application, token_endpoint };
        let assertion = client_certificate::sign(assertion, certificate, password).await?;
        self.sign_in_with_assertion(assertion).await
    }

    fn token_endpoint(&self) -> String {
        format!("{}/{}/oauth2/v2.0/token", self.authority, self.application.tenant_id)
    }

    async fn sign_in_with_secret(&self, secret: &Secret) -> Result<AccessToken, SignInFailure> {
        let last_failure = LastFailure::default();
        let options =
            ClientSecretCredentialOptions { client_options: self.client_options(secret, &last_failure) };
        let Application { tenant_id, client_id } = &self.application;
        let credential = ClientSecretCredential::new(
            tenant_id,
            client_id.clone(),
            AzureSecret::new(secret.expose().to_owned()),
            Some(options),
        );
        self.fetch_token(
            credential.map(|credential| -> Arc<dyn TokenCredential> { credential }),
            &last_failure,
        )
        .await
    }

    async fn sign_in_with_assertion(&self, assertion: Secret) -> Result<AccessToken, SignInFailure> {
        let last_failure = LastFailure::default();
        let options = ClientAssertionCredentialOptions {
            client_options: self.client_options(&assertion, &last_failure),
        };
        let Application { tenant_id, client_id } = self.application.clone();
        let credential =
            ClientAssertionCredential::new(tenant_id, client_id, ReadyAssertion(assertion), Some(options));
        self.fetch_token(
            credential.map(|credential| -> Arc<dyn TokenCredential> { credential }),
            &last_failure,
        )
        .await
    }

    fn client_options(&self, secret: &Secret, last_failure: &LastFailure) -> ClientOptions {
        let adapter = Adapter {
            transport: self.transport.clone(),
            authority: self.authority.clone(),
            redactor: SecretRedactor::new(&[secret]),
            last_failure: last_failure.clone(),
        };
        // Without a cloud setting, the library would read the authority from the environment.
        let mut cloud = CustomConfiguration::default();
        PLACEHOLDER_AUTHORITY.clone_into(&mut cloud.authority_host);
        ClientOptions {
            transport: Some(AzureTransport::new(Arc::new(adapter))),
            retry: self.limits.retry_options(),
            cloud: Some(Arc::new(CloudConfiguration::Custom(cloud))),
            ..ClientOptions::default()
        }
    }

    async fn fetch_token(
        &self,
        credential: azure_core::Result<Arc<dyn TokenCredential>>,
        last_failure: &LastFailure,
    ) -> Result<AccessToken, SignInFailure> {
        let result = match credential {
            Ok(credential) => credential.get_token(&[&self.scope], None).await,
            Err(error) => Err(error),
        };
        result
            .map(|token| convert_token(&token))
            .map_err(|error| last_failure.take().unwrap_or_else(|| rejected_by_library(&error)))
    }
}

/// An assertion that was created before the library asks for one. A failure to create it therefore does not pass
/// through the library.
#[derive(Debug)]
struct ReadyAssertion(Secret);

#[async_trait]
impl ClientAssertion for ReadyAssertion {
    async fn secret(&self, _: Option<ClientMethodOptions<'_>>) -> azure_core::Result<String> {
        Ok(self.0.expose().to_owned())
    }
}

/// Converts a token of `azure_core`.
pub(super) fn convert_token(token: &azure_core::credentials::AccessToken) -> AccessToken {
    AccessToken { secret: Secret::new(token.token.secret()), expires_on: token.expires_on }
}

fn with_presented_claims(claims: Option<Claims>, mut failure: SignInFailure) -> SignInFailure {
    if let SignInFailure::Rejected(response) = &mut failure {
        response.presented_claims = claims.map(Box::new);
    }
    failure
}

/// Checks the tenant ID before the library applies the same rule, because the library's message shows the value.
fn check_tenant(tenant_id: &str) -> Result<(), SignInFailure> {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
    if !tenant_id.is_empty() && tenant_id.chars().all(is_allowed) {
        return Ok(());
    }
    let reason = "use the tenant's GUID or one of its domain names: letters, digits, dots and hyphens";
    Err(SignInFailure::InvalidInput { input: "tenant_id", reason: reason.to_owned() })
}

/// The failure if the library rejected an input and sent nothing. After [`check_tenant`], the library's message shows
/// no value.
fn rejected_by_library(error: &azure_core::Error) -> SignInFailure {
    let reason = crate::transport::text::single_line(&error.to_string(), 200);
    SignInFailure::InvalidInput { input: "client_id", reason }
}
