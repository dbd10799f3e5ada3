//! Signing in: what the emulator plays besides Graph. Who may sign in stands in the tenant file (see `directory`), is
//! not changed by requests, and is no part of what Graph shows.
//!
//! ```text
//! POST /{tenant}/oauth2/v2.0/token       `token_endpoint`    client_credentials with a secret or an assertion
//! GET  /metadata/identity/oauth2/token   `managed_identity`  as on a virtual machine
//! GET  /msi/token                        `managed_identity`  as in App Service
//! GET  /_emulator/oidc/github            `oidc_provider`     tokens of a GitHub Actions job
//! POST /_emulator/oidc/azure-devops      `oidc_provider`     tokens of an Azure DevOps pipeline
//! ```
//!
//! The first three are listed by `GET /_emulator/tokens`, and meet the test faults whose `path` contains `oauth2`
//! or `msi/token`. What a token may do in Graph is checked by `caller`.

mod access_token;
mod application;
mod caller;
mod certificate;
mod client_assertion;
mod control;
mod directory;
mod error;
mod form;
mod hidden;
mod jwt;
mod managed_identity;
mod oidc_provider;
mod roles;
mod signing_key;
mod token_endpoint;
mod token_log;

use std::collections::HashSet;

use serde_json::json;

pub use caller::Caller;
pub use control::answer as answer_control;
pub use directory::Directory;
pub use error::SignInError;
pub use token_log::{AssertionRecord, TokenRequestRecord};

use super::answer::Answer;
use super::call::{Identity, Incoming};
use super::faults::{Failure, Fault, Subject};
use super::odata::path::Address;
use super::router::{self, Service};
use jwt::Jwt;
use signing_key::SigningKey;
use token_log::TokenLog;

/// What signing in keeps: keys, and the log. The keys outlive a reset, and tokens with them.
#[derive(Debug, Default)]
pub struct Entra {
    /// Signs access tokens.
    tokens: SigningKey,
    /// Signs the tokens of pipelines.
    oidc: SigningKey,
    /// Ids of the keys whose tokens are revoked.
    revoked: HashSet<String>,
    /// What was asked for.
    log: TokenLog,
}

/// The addresses of this module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint<'a> {
    /// The token endpoint of a tenant.
    Token(&'a str),
    /// The metadata service of a virtual machine.
    VirtualMachine,
    /// That of App Service.
    AppService,
    /// The pipeline of GitHub.
    GitHub,
    /// The pipeline of Azure DevOps.
    AzureDevOps,
}

impl<'a> Endpoint<'a> {
    /// The endpoint at a path, if it is one.
    pub fn at(path: &'a str) -> Option<Self> {
        match path.split('/').collect::<Vec<_>>().as_slice() {
            ["", "metadata", "identity", "oauth2", "token"] => Some(Self::VirtualMachine),
            ["", "msi", "token"] => Some(Self::AppService),
            ["", "_emulator", "oidc", "github"] => Some(Self::GitHub),
            ["", "_emulator", "oidc", "azure-devops"] => Some(Self::AzureDevOps),
            ["", tenant, "oauth2", "v2.0", "token"] => Some(Self::Token(tenant)),
            _ => None,
        }
    }
}

impl Entra {
    /// The requests for tokens since the start or the last reset.
    pub fn requests(&self) -> Vec<TokenRequestRecord> {
        self.log.list()
    }

    /// The same keys, and an empty log.
    pub fn forgetful(self) -> Self {
        Self { log: TokenLog::default(), ..self }
    }

    /// From now on no token is good that was issued before.
    fn revoke(&mut self) {
        let retired = std::mem::take(&mut self.tokens);
        self.revoked.insert(retired.id().to_owned());
    }

    fn is_revoked(&self, token: &Jwt) -> bool {
        token.header("kid").is_some_and(|id| self.revoked.contains(id))
    }
}

/// Answers a request to one of the endpoints.
pub async fn answer(
    service: &Service,
    incoming: &Incoming,
    identity: &Identity,
    endpoint: Endpoint<'_>,
) -> Answer {
    let providers = &service.start.directory.oidc;
    match endpoint {
        Endpoint::GitHub => oidc_provider::github(providers, &service.inner().entra, incoming),
        Endpoint::AzureDevOps => oidc_provider::azure_devops(providers, &service.inner().entra, incoming),
        _ => {
            let answer = answer_logged(service, incoming, identity, endpoint);
            service.observing.watch(service, incoming, answer).await
        }
    }
}

async fn answer_logged(
    service: &Service,
    incoming: &Incoming,
    identity: &Identity,
    endpoint: Endpoint<'_>,
) -> Answer {
    let fault = meet(service, incoming);
    let mut record = TokenRequestRecord {
        path: incoming.path().to_owned(),
        client_request_id: identity.client_request_id.clone(),
        fault: fault.as_ref().map(|fault| fault.label.clone()),
        ..TokenRequestRecord::default()
    };
    let effect = fault.as_ref().map(|fault| &*fault.effect);
    let fail = |failure: &Failure| fail(service, failure, identity);
    let perform = async { perform(service, incoming, identity, endpoint, &mut record) };
    let answer = router::with_fault(effect, fail, perform).await;
    record.status = answer.status;
    service.inner().entra.log.record(record);
    answer
}

fn meet(service: &Service, incoming: &Incoming) -> Option<Fault> {
    let address = Address::outside_graph(incoming.path());
    service.inner().faults.meet(&Subject { incoming, address: &address, signs_in: true })
}

fn perform(
    service: &Service,
    incoming: &Incoming,
    identity: &Identity,
    endpoint: Endpoint<'_>,
    record: &mut TokenRequestRecord,
) -> Answer {
    let directory = &service.start.directory;
    let inner = service.inner();
    match endpoint {
        Endpoint::VirtualMachine => {
            managed_identity::virtual_machine(directory, &inner.entra, incoming, record)
        }
        Endpoint::AppService => {
            managed_identity::app_service(directory, &inner.entra, incoming, identity, record)
        }
        Endpoint::Token(tenant) => {
            match token_endpoint::answer(directory, &inner.entra, incoming, tenant, record) {
                Ok(document) => error::answer(200, &document),
                Err(error) => {
                    record.error_code = error.number;
                    error.into_answer(identity, inner.semantics.sign_in_error_description)
                }
            }
        }
        Endpoint::GitHub | Endpoint::AzureDevOps => error::answer(404, &json!({})),
    }
}

/// The failure of a test fault in the shape of the token endpoint: `code` is its `error`, `message` the
/// description.
fn fail(service: &Service, failure: &Failure, identity: &Identity) -> Answer {
    let usual = if failure.status < 500 { "invalid_request" } else { "temporarily_unavailable" };
    let code = failure.code.clone().unwrap_or_else(|| usual.to_owned());
    let text = failure.message.as_deref().unwrap_or("The service is temporarily unavailable.");
    let description = service.inner().semantics.sign_in_error_description;
    failure.dress(SignInError::requested(failure.status, code, text).into_answer(identity, description))
}
