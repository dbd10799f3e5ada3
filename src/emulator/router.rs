//! The way of one Graph request, be it of its own or an item of a batch: admitted, dispatched by the parts of
//! its address, logged. What an address does stands in `handlers`.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use axum::http::Method;

use super::answer::{Answer, Delivery};
use super::call::{Call, Identity, Incoming};
use super::calls::{CallLog, CallRecord};
use super::entra::{Caller, Entra};
use super::errors::Refusal;
use super::faults::{Effect, Failure, Fault, Faults, Moment, Shadows, Subject};
use super::handlers::{assignment_filters, device_configurations, directory_objects, groups};
use super::limits::Windows;
use super::observer::Observing;
use super::odata::path::Address;
use super::odata::query::Query;
use super::semantics::Semantics;
use super::state::State;
use super::tenant::Tenant;
use super::{Options, batch};

/// Stands in the call log for a request whose connection was cut before it took effect.
const NO_ANSWER: u16 = 0;

/// An emulator without its socket.
#[derive(Debug)]
pub struct Service {
    /// The settings it was started with.
    pub options: Options,
    /// What a reset returns to.
    pub start: Tenant,
    /// Sees every request.
    pub observing: Observing,
    inner: Mutex<Inner>,
}

/// Everything that requests change.
#[derive(Debug)]
pub struct Inner {
    /// The tenant as it is now.
    pub state: State,
    /// What was answered.
    pub calls: CallLog,
    /// What Intune counts.
    pub windows: Windows,
    /// The choices for open questions about the service.
    pub semantics: Semantics,
    /// The test faults that wait for a call.
    pub faults: Faults,
    /// What reads do not see yet, by a test fault.
    pub shadows: Shadows,
    /// Keys and log of signing in.
    pub entra: Entra,
}

impl Service {
    /// An emulator of `tenant`.
    pub fn new(tenant: Tenant, options: Options) -> Self {
        let inner = Mutex::new(Inner::of(&tenant, &options));
        Self { options, start: tenant, observing: Observing::default(), inner }
    }

    /// Back to the start. Numbers of calls go on, see [`CallLog::clear`].
    pub fn reset(&self) {
        let mut inner = self.inner();
        let mut calls = std::mem::take(&mut inner.calls);
        calls.clear();
        let entra = std::mem::take(&mut inner.entra).forgetful();
        *inner = Inner { calls, entra, ..Inner::of(&self.start, &self.options) };
    }

    /// The state, for as long as the guard lives. A panic under the lock leaves whole entities behind, so the
    /// lock stays usable after one.
    pub fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// Whether no test fault waits for a call or lies over the state.
    pub fn has_no_faults(&self) -> bool {
        self.faults.is_empty() && self.shadows.is_empty()
    }

    fn of(tenant: &Tenant, options: &Options) -> Self {
        Self {
            state: State::of(tenant),
            calls: CallLog::default(),
            windows: Windows::default(),
            semantics: options.semantics,
            faults: Faults::default(),
            shadows: Shadows::default(),
            entra: Entra::default(),
        }
    }
}

/// Answers one Graph request and remembers it.
pub async fn answer(service: &Service, incoming: &Incoming, identity: &Identity) -> Answer {
    let answer = answer_unseen(service, incoming, identity);
    service.observing.watch(service, incoming, answer).await
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

/// Serves a request under the effect of a test fault; `fail` words a failure as the service would.
pub async fn with_fault(
    effect: Option<&Effect>,
    fail: impl Fn(&Failure) -> Answer,
    perform: impl Future<Output = Answer>,
) -> Answer {
    match effect {
        Some(Effect::Fail(failure, Moment::Before)) => return fail(failure),
        Some(Effect::Cut(Moment::Before)) => return cut(),
        Some(Effect::Delay(time, Moment::Before)) => tokio::time::sleep(*time).await,
        _ => {}
    }
    let answer = perform.await;
    match effect {
        Some(Effect::Fail(failure, Moment::After)) => fail(failure),
        Some(Effect::Cut(Moment::After)) => answer.delivered(Delivery::Cut),
        Some(Effect::Drip(pause)) => answer.delivered(Delivery::Drip(*pause)),
        Some(Effect::Delay(time, Moment::After)) => {
            tokio::time::sleep(*time).await;
            answer
        }
        Some(Effect::Item(delivery)) => answer.delivered(*delivery),
        _ => answer,
    }
}

/// The status stands in the call log only.
fn cut() -> Answer {
    Answer::empty(NO_ANSWER).delivered(Delivery::Cut)
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
        return batch::answer(service, incoming, identity, address, number).await;
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
