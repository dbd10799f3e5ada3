//! The way of one Graph request, be it of its own or an item of a batch: admitted, dispatched by the parts of
//! its address, logged. What an address does stands in `handlers`.

use std::time::Instant;

use axum::http::Method;

use super::answer::Answer;
use super::batch::{self, Envelope, ServedItem};
use super::call::Call;
use super::calls::CallRecord;
use super::control;
use super::entra::Caller;
use super::errors::Refusal;
use super::faults::{Effect, Failure, Fault, Subject, with_fault};
use super::handlers::{assignment_filters, device_configurations, directory_objects, groups};
use super::odata::path::Address;
use super::odata::query::Query;
use super::request::{Identity, Incoming};
use super::service::{Inner, Service};
use super::state::State;

/// Answers one Graph request and remembers it.
pub async fn answer(service: &Service, incoming: &Incoming, identity: &Identity) -> Answer {
    let answer = answer_unseen(service, incoming, identity);
    control::watch(service, incoming, answer).await
}

fn answer_item(service: &Service, incoming: Incoming, identity: Identity) -> ServedItem<'_> {
    Box::pin(async move { answer(service, &incoming, &identity).await })
}

async fn answer_unseen(service: &Service, incoming: &Incoming, identity: &Identity) -> Answer {
    let number = service.inner().calls.arrive();
    let (answer, fault, assigned) = match admit(service, incoming) {
        Err(refusal) => (refusal.into_answer(incoming, identity), None, None),
        Ok(address) => {
            let subject = Subject { incoming, address: &address, signs_in: false };
            let fault = service.inner().faults.meet(&subject);
            let answer = serve(service, &subject, identity, number, fault.as_ref()).await;
            (answer, fault, subject.count_assigned())
        }
    };
    service.inner().calls.record(CallRecord {
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

/// What stands before every address: a token that is good, an address that can be read, the limits if they are
/// enforced, and a permission.
fn admit(service: &Service, incoming: &Incoming) -> Result<Address, Refusal> {
    let bearer = incoming.bearer.as_deref().ok_or_else(Refusal::unauthenticated)?;
    let caller = Caller::of(bearer, &service.inner().entra, service.options.require_sign_in)?;
    let address = Address::parse(incoming.path())?;
    count(service, incoming, &address, &caller.application)?;
    caller.check(&incoming.method, &address)?;
    Ok(address)
}

/// Counts what Intune counts, and refuses what is over its limits if they are enforced.
fn count(
    service: &Service,
    incoming: &Incoming,
    address: &Address,
    application: &str,
) -> Result<(), Refusal> {
    let parts = address.as_strs();
    if !parts.starts_with(&["deviceManagement", "deviceConfigurations"]) {
        return Ok(());
    }
    let write = incoming.method != Method::GET && incoming.method != Method::HEAD;
    let within = service.inner().windows.count(Instant::now(), application, write);
    if within || !service.options.limits { Ok(()) } else { Err(Refusal::intune_throttled()) }
}

/// Serves an admitted request. A test fault acts before it takes effect, in it, or on its answer; items of
/// batches pass here too.
async fn serve(
    service: &Service,
    subject: &Subject<'_>,
    identity: &Identity,
    number: u64,
    fault: Option<&Fault>,
) -> Answer {
    let effect = fault.map(|fault| &*fault.effect);
    let fail = |failure: &Failure| failure.answer(subject.incoming, identity);
    let perform = async {
        let answer = perform(service, subject, identity, number, effect).await;
        answer.unwrap_or_else(|refusal| refusal.into_answer(subject.incoming, identity))
    };
    with_fault(effect, fail, perform).await
}

/// What a request does.
async fn perform(
    service: &Service,
    subject: &Subject<'_>,
    identity: &Identity,
    number: u64,
    effect: Option<&Effect>,
) -> Result<Answer, Refusal> {
    let Subject { incoming, address, .. } = *subject;
    if address.as_strs() == ["$batch"] {
        // Rules of test faults count calls: while there are any, the items are served as they were sent, so that
        // a test can tell which of them a rule meets.
        let shuffled = service.inner().has_no_faults();
        let envelope = Envelope { incoming, identity, version: address.version, number, shuffled };
        let serve = |incoming, identity| answer_item(service, incoming, identity);
        return batch::answer(&envelope, &serve).await;
    }
    let query = Query::parse(incoming.query())?;
    let Inner { state, shadows, semantics, .. } = &mut *service.inner();
    let call = Call { incoming, address, query, options: &service.options, semantics: *semantics, effect };
    shadows.serve(subject, effect, call.shows_rows(), state, |state| dispatch(&call, state))
}

fn dispatch(call: &Call<'_>, state: &mut State) -> Result<Answer, Refusal> {
    match call.address.as_strs().as_slice() {
        ["deviceManagement", "deviceConfigurations", below @ ..] => {
            device_configurations::answer(call, below, state)
        }
        // v1.0 has no such navigation property.
        ["deviceManagement", "assignmentFilters", below @ ..] if call.version().is_beta() => {
            assignment_filters::answer(call, below, state)
        }
        ["groups", below @ ..] => groups::answer(call, below, state),
        ["directoryObjects", "getByIds" | "microsoft.graph.getByIds"] => {
            directory_objects::get_by_ids(call, state)
        }
        ["deviceManagement", other, ..] | [other, ..] => Err(Refusal::segment(other)),
        [] => Err(Refusal::segment("")),
    }
}
