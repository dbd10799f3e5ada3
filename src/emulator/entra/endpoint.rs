//! The endpoints that give tokens: which there are, and how a request to one is served, logged and disturbed by test
//! faults.

use serde_json::json;

use super::error::{self, SignInError};
use super::token_log::TokenRequestRecord;
use super::{managed_identity_endpoint, oidc_endpoint, token_endpoint};
use crate::emulator::answer::Answer;
use crate::emulator::control;
use crate::emulator::faults::{Failure, Fault, Subject, with_fault};
use crate::emulator::odata::path::Address;
use crate::emulator::request::{Identity, Incoming};
use crate::emulator::service::Service;

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

/// Answers a request to one of the endpoints.
pub async fn answer(
    service: &Service,
    incoming: &Incoming,
    identity: &Identity,
    endpoint: Endpoint<'_>,
) -> Answer {
    let providers = &service.start.directory.oidc;
    match endpoint {
        Endpoint::GitHub => oidc_endpoint::github(providers, &service.inner().entra, incoming),
        Endpoint::AzureDevOps => oidc_endpoint::azure_devops(providers, &service.inner().entra, incoming),
        _ => {
            let answer = answer_logged(service, incoming, identity, endpoint);
            control::watch(service, incoming, answer).await
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
    let answer = with_fault(effect, fail, perform).await;
    record.status = answer.status;
    service.inner().entra.record(record);
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
            managed_identity_endpoint::virtual_machine(directory, &inner.entra, incoming, record)
        }
        Endpoint::AppService => {
            managed_identity_endpoint::app_service(directory, &inner.entra, incoming, identity, record)
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
