//! An application signs in at the authority, with a secret, a certificate or somebody else's token ("Microsoft
//! identity platform and the OAuth 2.0 client credentials flow"). Does not make the assertions.

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

use crate::auth::attempt::Attempt;
use crate::auth::claims::Claims;
use crate::auth::credential::{AccessToken, Credential};
use crate::auth::entra::{Adapter, Cover, Noted, host_of};
use crate::auth::error::Problem;
use crate::auth::method::{Application, AssertionSource, Certificate};
use crate::transport::{Endpoint, Secret, Transport};

use super::client_certificate::{self, Algorithm, Assertion};
use super::{Patience, federated};

/// Stands in for the authority inside the library, which takes https only; the adapter puts the real one in.
const STAND_IN: &str = "https://authority.invalid";

/// Refusals of an assertion that is signed with PS256: an unknown certificate, and an algorithm that does not fit the
/// key.
const MAY_BE_OLD: &[u32] = &[700_027, 5_002_730];

/// What the application proves itself with.
#[derive(Debug, Clone)]
pub(super) enum Proof {
    Secret(Secret),
    Certificate { certificate: Certificate, password: Option<Secret> },
    Federated(AssertionSource),
}

#[derive(Debug)]
pub(super) struct ApplicationCredential {
    pub(super) application: Application,
    pub(super) proof: Proof,
    pub(super) authority: Endpoint,
    pub(super) scope: String,
    pub(super) attempt: Attempt,
    pub(super) transport: Transport,
    pub(super) patience: Patience,
}

#[async_trait]
impl Credential for ApplicationCredential {
    async fn sign_in(&self) -> Result<AccessToken, Problem> {
        let limit = self.patience.authority;
        let service = host_of(&self.authority.to_string());
        timeout(limit, self.sign_in_patiently()).await.unwrap_or(Err(Problem::TimedOut { service, limit }))
    }

    fn attempt(&self) -> &Attempt {
        &self.attempt
    }
}

impl ApplicationCredential {
    async fn sign_in_patiently(&self) -> Result<AccessToken, Problem> {
        refuse_unfit_tenant(&self.application.tenant_id)?;
        match &self.proof {
            Proof::Secret(secret) => self.with_secret(secret).await,
            Proof::Certificate { certificate, password } => {
                self.with_certificate(certificate, password.as_ref()).await
            }
            Proof::Federated(source) => {
                let assertion = federated::assertion(source, &self.transport, &self.patience).await?;
                let claims = Claims::read(assertion.expose());
                self.with_assertion(assertion).await.map_err(|problem| presenting(claims, problem))
            }
        }
    }

    /// Some authorities do not know the newer way to sign: ADFS and custom ones. They answer as if the certificate were
    /// not registered, so the older way is tried once before that is believed.
    async fn with_certificate(
        &self,
        certificate: &Certificate,
        password: Option<&Secret>,
    ) -> Result<AccessToken, Problem> {
        match self.signed_by(Algorithm::Ps256, certificate, password).await {
            Err(Problem::Refused(refused)) if refused.codes.iter().any(|code| MAY_BE_OLD.contains(code)) => {
                tracing::debug!("the authority refused PS256; signing once more with RS256");
                self.signed_by(Algorithm::Rs256, certificate, password).await
            }
            result => result,
        }
    }

    async fn signed_by(
        &self,
        algorithm: Algorithm,
        certificate: &Certificate,
        password: Option<&Secret>,
    ) -> Result<AccessToken, Problem> {
        let (application, token_endpoint) = (self.application.clone(), self.token_endpoint());
        let assertion = Assertion { algorithm, application, token_endpoint };
        let assertion = client_certificate::sign(assertion, certificate, password);
        self.with_assertion(assertion.await?).await
    }

    fn token_endpoint(&self) -> String {
        format!("{}/{}/oauth2/v2.0/token", self.authority, self.application.tenant_id)
    }

    async fn with_secret(&self, secret: &Secret) -> Result<AccessToken, Problem> {
        let noted = Noted::default();
        let options = ClientSecretCredentialOptions { client_options: self.client_options(secret, &noted) };
        let Application { tenant_id, client_id } = &self.application;
        let credential = ClientSecretCredential::new(
            tenant_id,
            client_id.clone(),
            AzureSecret::new(secret.expose().to_owned()),
            Some(options),
        );
        self.token_of(credential.map(|credential| -> Arc<dyn TokenCredential> { credential }), &noted).await
    }

    async fn with_assertion(&self, assertion: Secret) -> Result<AccessToken, Problem> {
        let noted = Noted::default();
        let options =
            ClientAssertionCredentialOptions { client_options: self.client_options(&assertion, &noted) };
        let Application { tenant_id, client_id } = self.application.clone();
        let credential =
            ClientAssertionCredential::new(tenant_id, client_id, Given(assertion), Some(options));
        self.token_of(credential.map(|credential| -> Arc<dyn TokenCredential> { credential }), &noted).await
    }

    fn client_options(&self, proof: &Secret, noted: &Noted) -> ClientOptions {
        let adapter = Adapter {
            transport: self.transport.clone(),
            authority: self.authority.clone(),
            cover: Cover::of(&[proof]),
            noted: noted.clone(),
        };
        // Without a cloud the library would look into the environment for an authority.
        let mut cloud = CustomConfiguration::default();
        STAND_IN.clone_into(&mut cloud.authority_host);
        ClientOptions {
            transport: Some(AzureTransport::new(Arc::new(adapter))),
            retry: self.patience.retry(),
            cloud: Some(Arc::new(CloudConfiguration::Custom(cloud))),
            ..ClientOptions::default()
        }
    }

    async fn token_of(
        &self,
        credential: azure_core::Result<Arc<dyn TokenCredential>>,
        noted: &Noted,
    ) -> Result<AccessToken, Problem> {
        let result = match credential {
            Ok(credential) => credential.get_token(&[&self.scope], None).await,
            Err(error) => Err(error),
        };
        result.map(|token| own(&token)).map_err(|error| noted.take().unwrap_or_else(|| not_built(&error)))
    }
}

/// An assertion that is there already. It is made before the credential is, so that its problems stay ours.
#[derive(Debug)]
struct Given(Secret);

#[async_trait]
impl ClientAssertion for Given {
    async fn secret(&self, _: Option<ClientMethodOptions<'_>>) -> azure_core::Result<String> {
        Ok(self.0.expose().to_owned())
    }
}

/// A token of the library as ours.
pub(super) fn own(token: &azure_core::credentials::AccessToken) -> AccessToken {
    AccessToken { secret: Secret::new(token.token.secret()), expires_on: token.expires_on }
}

fn presenting(claims: Option<Claims>, mut problem: Problem) -> Problem {
    if let Problem::Refused(refused) = &mut problem {
        refused.presented = claims.map(Box::new);
    }
    problem
}

/// The library has the same rule; its text would repeat the value.
fn refuse_unfit_tenant(tenant_id: &str) -> Result<(), Problem> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
    if !tenant_id.is_empty() && tenant_id.chars().all(fits) {
        return Ok(());
    }
    let problem =
        "a tenant is named by its GUID or one of its domain names: letters, digits, dots and hyphens";
    Err(Problem::Input { input: "tenant_id", problem: problem.to_owned() })
}

/// Nothing was sent: the library found something missing, and says what without its value.
fn not_built(error: &azure_core::Error) -> Problem {
    let problem = crate::transport::text::single_line(&error.to_string(), 200);
    Problem::Input { input: "client_id", problem }
}
