//! The state of a running emulator: its settings, and everything that requests change. Serves nothing by itself.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Semaphore;

use super::call_log::CallLog;
use super::entra::EntraState;
use super::faults::{FaultQueue, StaleReads};
use super::observer::ObserverSlot;
use super::options::Options;
use super::request_body::BUDGET_UNITS;
use super::semantics::Semantics;
use super::state::TenantState;
use super::tenant::Tenant;
use super::throttling::ThrottlingWindows;

/// A running emulator without its socket.
#[derive(Debug)]
pub struct EmulatedService {
    /// The settings it was started with.
    pub options: Options,
    /// The tenant after a reset.
    pub start: Tenant,
    /// Sees every request.
    pub observer: ObserverSlot,
    /// The memory for large request bodies.
    pub body_budget: Semaphore,
    state: Mutex<ServiceState>,
}

/// Everything that requests change.
#[derive(Debug)]
pub struct ServiceState {
    /// The current tenant.
    pub tenant: TenantState,
    /// The answered calls.
    pub calls: CallLog,
    /// Intune's request counters.
    pub throttling: ThrottlingWindows,
    /// The choices for open questions about the service.
    pub semantics: Semantics,
    /// The active test faults.
    pub faults: FaultQueue,
    /// The stale reads of test faults.
    pub stale_reads: StaleReads,
    /// Signing keys and token log.
    pub entra: EntraState,
}

impl EmulatedService {
    /// An emulator of `tenant`.
    pub fn new(tenant: Tenant, options: Options) -> Self {
        let state = Mutex::new(ServiceState::new(&tenant, &options));
        let body_budget = Semaphore::new(BUDGET_UNITS);
        Self { options, start: tenant, observer: ObserverSlot::default(), body_budget, state }
    }

    /// Restores the state at start. Call numbers continue, see [`CallLog::clear`].
    pub fn reset(&self) {
        let mut state = self.state();
        let mut calls = std::mem::take(&mut state.calls);
        calls.clear();
        let entra = std::mem::take(&mut state.entra).with_empty_log();
        *state = ServiceState { calls, entra, ..ServiceState::new(&self.start, &self.options) };
    }

    /// Locks the state. A panic under the lock leaves complete entities behind, so a poisoned lock stays usable.
    pub fn state(&self) -> MutexGuard<'_, ServiceState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ServiceState {
    /// Whether no test fault is active.
    pub fn is_undisturbed(&self) -> bool {
        self.faults.is_empty() && self.stale_reads.is_empty()
    }

    fn new(tenant: &Tenant, options: &Options) -> Self {
        Self {
            tenant: tenant.state.clone(),
            calls: CallLog::default(),
            throttling: ThrottlingWindows::default(),
            semantics: options.semantics,
            faults: FaultQueue::default(),
            stale_reads: StaleReads::default(),
            entra: EntraState::default(),
        }
    }
}
