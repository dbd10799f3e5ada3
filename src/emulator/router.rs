//! The way of one Graph request, be it of its own or an item of a batch: admitted, dispatched by the parts of
//! its address, logged. What an address does stands in `handlers`.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use axum::http::Method;

use super::answer::Answer;
use super::call::{Call, Identity, Incoming};
use super::calls::{CallLog, CallRecord};
use super::errors::Refusal;
use super::handlers::{assignment_filters, device_configurations, directory_objects, groups};
use super::limits::Windows;
use super::odata::path::Address;
use super::odata::query::Query;
use super::state::State;
use super::tenant::Tenant;
use super::{Options, batch};

/// An emulator without its socket.
#[derive(Debug)]
pub struct Service {
    /// The settings it was started with.
    pub options: Options,
    /// What a reset returns to.
    pub start: Tenant,
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
}

impl Service {
    /// An emulator of `tenant`.
    pub fn new(tenant: Tenant, options: Options) -> Self {
        let inner =
            Inner { state: State::of(&tenant), calls: CallLog::default(), windows: Windows::default() };
        Self { options, start: tenant, inner: Mutex::new(inner) }
    }

    /// The state, for as long as the guard lives. A panic under the lock leaves whole entities behind, so the
    /// lock stays usable after one.
    pub fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Answers one Graph request and remembers it.
pub fn answer(service: &Service, incoming: &Incoming, identity: &Identity) -> Answer {
    let number = service.inner().calls.arrive();
    let answer = serve(service, incoming, identity, number)
        .unwrap_or_else(|refusal| refusal.into_answer(incoming, identity));
    service.inner().calls.record(CallRecord {
        number,
        method: incoming.method.to_string(),
        path: incoming.target.clone(),
        status: answer.status,
        batch: incoming.batch.as_ref().map(|item| item.id.clone()),
        envelope: incoming.batch.as_ref().map(|item| item.envelope),
        client_request_id: identity.client_request_id.clone(),
    });
    answer
}

/// The steps of a request, in the order in which the service takes them. Whatever shall happen to requests
/// before or after they take effect (test faults, roles of a token) is one more step here, and meets items of
/// batches too.
fn serve(
    service: &Service,
    incoming: &Incoming,
    identity: &Identity,
    number: u64,
) -> Result<Answer, Refusal> {
    let bearer = incoming.bearer.as_deref().ok_or_else(Refusal::unauthenticated)?;
    let address = Address::parse(incoming.path())?;
    admit(service, incoming, &address, bearer)?;
    if address.as_strs() == ["$batch"] {
        return batch::answer(service, incoming, identity, &address, number);
    }
    let query = Query::parse(incoming.query())?;
    let call = Call { incoming, address: &address, query, options: &service.options };
    dispatch(&call, &mut service.inner().state)
}

/// Counts what Intune counts, and refuses what is over its limits if they are enforced.
fn admit(service: &Service, incoming: &Incoming, address: &Address, bearer: &str) -> Result<(), Refusal> {
    let parts = address.as_strs();
    if !parts.starts_with(&["deviceManagement", "deviceConfigurations"]) {
        return Ok(());
    }
    let write = incoming.method != Method::GET && incoming.method != Method::HEAD;
    let within = service.inner().windows.count(Instant::now(), bearer, write);
    if within || !service.options.limits { Ok(()) } else { Err(Refusal::intune_throttled()) }
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
