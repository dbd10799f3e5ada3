//! Serves one Graph request or batch item: authorizes it, dispatches it by its address, logs it. What an address
//! does is in `handlers`.

use std::time::Instant;

use axum::http::Method;

use super::batch::{self, BatchEnvelope, ServedItem};
use super::call_log::CallRecord;
use super::control;
use super::entra::Caller;
use super::faults::{FaultCandidate, FaultEffect, FaultResponse, MatchedFault, with_fault};
use super::handlers::{
    self, assignment_filters, configuration_policies, conflict_summaries, device_configurations,
    directory_objects, groups, role_scope_tags, threat_defense_connectors,
};
use super::model::policy_collection::PolicyCollection;
use super::model::{conflict_summary, onboarding_summary, threat_defense_connector};
use super::odata::path::{ODataAddress, ODataAddressError};
use super::odata::query::QueryOptions;
use super::request::{IncomingRequest, RequestIds};
use super::response::ServiceResponse;
use super::routed_request::RoutedRequest;
use super::service::{EmulatedService, ServiceState};
use super::service_error::ServiceError;
use super::state::TenantState;

/// Serves one Graph request and logs it.
pub async fn answer(
    service: &EmulatedService,
    incoming: &IncomingRequest,
    identity: &RequestIds,
) -> ServiceResponse {
    let answer = answer_unseen(service, incoming, identity);
    control::watch(service, incoming, answer).await
}

fn answer_item(service: &EmulatedService, incoming: IncomingRequest, identity: RequestIds) -> ServedItem<'_> {
    Box::pin(async move { answer(service, &incoming, &identity).await })
}

async fn answer_unseen(
    service: &EmulatedService,
    incoming: &IncomingRequest,
    identity: &RequestIds,
) -> ServiceResponse {
    let number = service.state().calls.arrive();
    let (answer, fault, assigned) = match admit(service, incoming) {
        Err(refusal) => (refusal.into_response(incoming, identity), None, None),
        Ok(address) => {
            let subject = FaultCandidate { incoming, address: &address, signs_in: false };
            let fault = service.state().faults.match_rule(&subject);
            let answer = serve(service, &subject, identity, number, fault.as_ref()).await;
            (answer, fault, subject.count_assigned())
        }
    };
    service.state().calls.record(CallRecord {
        number,
        method: incoming.method.to_string(),
        path: incoming.target.clone(),
        status: answer.status,
        batch: incoming.batch.as_ref().map(|item| item.id.clone()),
        envelope: incoming.batch.as_ref().map(|item| item.envelope),
        fault: fault.map(|fault| fault.label),
        assigned,
        client_request_id: identity.client_request_id.clone(),
    });
    answer
}

/// The checks before every address: a valid token, a readable address, the limits if they are enforced, and the
/// permission.
fn admit(service: &EmulatedService, incoming: &IncomingRequest) -> Result<ODataAddress, ServiceError> {
    let address = ODataAddress::parse(incoming.path());
    if let Err(error @ ODataAddressError::UnknownVersion(_)) = address {
        return Err(error.into());
    }
    let bearer = incoming.bearer.as_deref().ok_or_else(ServiceError::missing_token)?;
    let caller = Caller::authenticate(bearer, &service.state().entra, service.options.require_sign_in)?;
    let address = address?;
    count(service, incoming, &address, &caller.application)?;
    let semantics = service.state().semantics;
    caller.check(&incoming.method, &address, &semantics)?;
    Ok(address)
}

/// Counts a request to Intune, and refuses it if it exceeds an enforced limit.
fn count(
    service: &EmulatedService,
    incoming: &IncomingRequest,
    address: &ODataAddress,
    application: &str,
) -> Result<(), ServiceError> {
    if !is_limited(&address.as_strs()) {
        return Ok(());
    }
    let write = incoming.method != Method::GET && incoming.method != Method::HEAD;
    let within = service.state().throttling.count(Instant::now(), application, write);
    if within || !service.options.limits { Ok(()) } else { Err(ServiceError::intune_throttled()) }
}

/// Whether an address belongs to the part of Intune with the limits for device configurations.
fn is_limited(parts: &[&str]) -> bool {
    let figures = matches!(
        parts,
        ["deviceManagement", onboarding_summary::TYPE_NAME | conflict_summary::TYPE_NAME, ..]
    );
    figures || PolicyCollection::of_address(parts).is_some()
}

/// Serves an authorized request. A test fault acts before the request takes effect, during it, or on its
/// response.
async fn serve(
    service: &EmulatedService,
    subject: &FaultCandidate<'_>,
    identity: &RequestIds,
    number: u64,
    fault: Option<&MatchedFault>,
) -> ServiceResponse {
    let effect = fault.map(|fault| &*fault.effect);
    let fail = |failure: &FaultResponse| failure.answer(subject.incoming, identity);
    let perform = async {
        let answer = perform(service, subject, identity, number, effect).await;
        answer.unwrap_or_else(|refusal| {
            let code = service.state().semantics.model_error_code.code();
            refusal.with_model_code(code).into_response(subject.incoming, identity)
        })
    };
    with_fault(effect, fail, perform).await
}

/// What a request does.
async fn perform(
    service: &EmulatedService,
    subject: &FaultCandidate<'_>,
    identity: &RequestIds,
    number: u64,
    effect: Option<&FaultEffect>,
) -> Result<ServiceResponse, ServiceError> {
    let FaultCandidate { incoming, address, .. } = *subject;
    if address.as_strs() == ["$batch"] {
        // Test faults count calls: while one is active, items are served in the order of the batch, so that a
        // test can say which of them a rule applies to.
        let shuffled = service.state().is_undisturbed();
        let envelope = BatchEnvelope { incoming, identity, version: address.version, number, shuffled };
        let serve = |incoming, identity| answer_item(service, incoming, identity);
        return batch::answer(&envelope, &serve).await;
    }
    let query = QueryOptions::parse(incoming.query())?;
    let ServiceState { tenant, stale_reads, semantics, .. } = &mut *service.state();
    let request =
        RoutedRequest { incoming, address, query, options: &service.options, semantics: *semantics, effect };
    stale_reads.serve(subject, effect, request.shows_rows(), tenant, |tenant| {
        if request.is_repeated() {
            dispatch(&request, tenant)?;
        }
        dispatch(&request, tenant)
    })
}

fn dispatch(request: &RoutedRequest<'_>, state: &mut TenantState) -> Result<ServiceResponse, ServiceError> {
    match request.address.as_strs().as_slice() {
        ["deviceManagement", "deviceConfigurations", below @ ..] => {
            device_configurations::answer(request, below, state)
        }
        // v1.0 does not have these navigation properties.
        ["deviceManagement", "configurationPolicies", below @ ..] if request.version().is_beta() => {
            configuration_policies::answer(request, below, state)
        }
        ["deviceManagement", "assignmentFilters", below @ ..] if request.version().is_beta() => {
            assignment_filters::answer(request, below, state)
        }
        ["deviceManagement", "roleScopeTags", below @ ..] if request.version().is_beta() => {
            role_scope_tags::answer(request, below, state)
        }
        ["deviceManagement", onboarding_summary::TYPE_NAME] if request.version().is_beta() => {
            handlers::onboarding_summary::answer(request, state)
        }
        ["deviceManagement", conflict_summary::TYPE_NAME] if request.version().is_beta() => {
            conflict_summaries::answer(request, state)
        }
        ["deviceManagement", threat_defense_connector::COLLECTION, below @ ..] => {
            threat_defense_connectors::answer(request, below, state)
        }
        ["groups", below @ ..] => groups::answer(request, below, state),
        ["directoryObjects", "getByIds" | "microsoft.graph.getByIds"] => {
            directory_objects::get_by_ids(request, state)
        }
        ["deviceManagement", other, ..] | [other, ..] => Err(ServiceError::unknown_segment(other)),
        [] => Err(ServiceError::unknown_segment("")),
    }
}
