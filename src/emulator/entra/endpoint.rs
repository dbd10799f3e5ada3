//! The endpoints that issue tokens: their addresses, and how a request to one is served, logged and changed by
//! test faults.

use serde_json::{Value, json};

use super::error::{self, SignInError};
use super::token_log::TokenRequestRecord;
use super::{discovery, managed_identity_endpoint, oidc_endpoint, token_endpoint};
use crate::emulator::control;
use crate::emulator::faults::{FaultCandidate, FaultResponse, MatchedFault, with_fault};
use crate::emulator::odata::path::ODataAddress;
use crate::emulator::request::{IncomingRequest, RequestIds};
use crate::emulator::response::ServiceResponse;
use crate::emulator::service::EmulatedService;

/// An endpoint that issues tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntraEndpoint<'a> {
    /// The token endpoint of a tenant.
    Token(&'a str),
    /// The metadata service of a virtual machine.
    VirtualMachine,
    /// The metadata service of App Service.
    AppService,
    /// The OpenID configuration of a tenant, in version 1.0 or 2.0.
    OpenIdConfiguration {
        /// From the address.
        tenant: &'a str,
        /// Whether it is that of version 2.0.
        version_2: bool,
    },
    /// The keys that tokens are signed with.
    Keys(&'a str),
    /// The hosts of the cloud.
    InstanceDiscovery,
    /// The pipeline of GitHub.
    GitHub,
    /// The pipeline of Azure DevOps.
    AzureDevOps,
}

impl<'a> EntraEndpoint<'a> {
    /// The endpoint at a path, if there is one.
    pub fn at(path: &'a str) -> Option<Self> {
        match path.split('/').collect::<Vec<_>>().as_slice() {
            ["", "metadata", "identity", "oauth2", "token"] => Some(Self::VirtualMachine),
            ["", "msi", "token"] => Some(Self::AppService),
            ["", "_emulator", "oidc", "github"] => Some(Self::GitHub),
            ["", "_emulator", "oidc", "azure-devops"] => Some(Self::AzureDevOps),
            ["", tenant, "oauth2", "v2.0", "token"] => Some(Self::Token(tenant)),
            ["", "common", "discovery", "instance"] => Some(Self::InstanceDiscovery),
            ["", tenant, "v2.0", ".well-known", "openid-configuration"] => {
                Some(Self::OpenIdConfiguration { tenant, version_2: true })
            }
            ["", tenant, ".well-known", "openid-configuration"] => {
                Some(Self::OpenIdConfiguration { tenant, version_2: false })
            }
            ["", tenant, "discovery", "v2.0", "keys"] | ["", tenant, "discovery", "keys"] => {
                Some(Self::Keys(tenant))
            }
            _ => None,
        }
    }
}

/// Answers a request to one of the endpoints.
pub async fn answer(
    service: &EmulatedService,
    incoming: &IncomingRequest,
    identity: &RequestIds,
    endpoint: EntraEndpoint<'_>,
) -> ServiceResponse {
    let directory = &service.start.directory;
    let providers = &directory.oidc;
    let shown = |document: Result<Value, SignInError>| {
        let description = service.state().semantics.sign_in_error_description;
        document.map_or_else(
            |refusal| refusal.into_response(identity, description),
            |document| error::answer(200, &document),
        )
    };
    match endpoint {
        EntraEndpoint::OpenIdConfiguration { tenant, version_2 } => {
            shown(discovery::openid_configuration(directory, &incoming.origin, tenant, version_2))
        }
        EntraEndpoint::Keys(tenant) => {
            let keys = discovery::keys(directory, &service.state().entra, tenant);
            shown(keys)
        }
        EntraEndpoint::InstanceDiscovery => shown(Ok(discovery::instance(&incoming.origin))),
        EntraEndpoint::GitHub => oidc_endpoint::github(providers, &service.state().entra, incoming),
        EntraEndpoint::AzureDevOps => {
            oidc_endpoint::azure_devops(providers, &service.state().entra, incoming)
        }
        _ => {
            let answer = answer_logged(service, incoming, identity, endpoint);
            control::watch(service, incoming, answer).await
        }
    }
}

async fn answer_logged(
    service: &EmulatedService,
    incoming: &IncomingRequest,
    identity: &RequestIds,
    endpoint: EntraEndpoint<'_>,
) -> ServiceResponse {
    let fault = match_fault(service, incoming);
    let mut record = TokenRequestRecord {
        path: incoming.path().to_owned(),
        client_request_id: identity.client_request_id.clone(),
        fault: fault.as_ref().map(|fault| fault.label.clone()),
        ..TokenRequestRecord::default()
    };
    let effect = fault.as_ref().map(|fault| &*fault.effect);
    let fail = |failure: &FaultResponse| fail(service, failure, identity);
    let perform = async { perform(service, incoming, identity, endpoint, &mut record) };
    let answer = with_fault(effect, fail, perform).await;
    record.status = answer.status;
    service.state().entra.record(record);
    answer
}

fn match_fault(service: &EmulatedService, incoming: &IncomingRequest) -> Option<MatchedFault> {
    let address = ODataAddress::outside_graph(incoming.path());
    service.state().faults.match_rule(&FaultCandidate { incoming, address: &address, signs_in: true })
}

fn perform(
    service: &EmulatedService,
    incoming: &IncomingRequest,
    identity: &RequestIds,
    endpoint: EntraEndpoint<'_>,
    record: &mut TokenRequestRecord,
) -> ServiceResponse {
    let directory = &service.start.directory;
    let state = service.state();
    match endpoint {
        EntraEndpoint::VirtualMachine => {
            managed_identity_endpoint::virtual_machine(directory, &state.entra, incoming, record)
        }
        EntraEndpoint::AppService => {
            managed_identity_endpoint::app_service(directory, &state.entra, incoming, identity, record)
        }
        EntraEndpoint::Token(tenant) => {
            match token_endpoint::answer(directory, &state.entra, incoming, tenant, record) {
                Ok(document) => error::answer(200, &document),
                Err(error) => {
                    record.error_code = error.number;
                    error.into_response(identity, state.semantics.sign_in_error_description)
                }
            }
        }
        _ => error::answer(404, &json!({})),
    }
}

/// The response of a test fault in the shape of the token endpoint: `code` becomes `error`, `message` the
/// description.
fn fail(service: &EmulatedService, failure: &FaultResponse, identity: &RequestIds) -> ServiceResponse {
    let usual = if failure.status < 500 { "invalid_request" } else { "temporarily_unavailable" };
    let code = failure.code.clone().unwrap_or_else(|| usual.to_owned());
    let text = failure.message.as_deref().unwrap_or("The service is temporarily unavailable.");
    let description = service.state().semantics.sign_in_error_description;
    failure.decorate(SignInError::injected(failure.status, code, text).into_response(identity, description))
}
