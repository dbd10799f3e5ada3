//! The state of a running emulator: its settings, and everything that requests change. Serves nothing by itself.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::call_log::CallLog;
use super::entra::EntraState;
use super::faults::{FaultQueue, StaleReads};
use super::observer::ObserverSlot;
use super::options::Options;
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
    inner: Mutex<ServiceState>,
}

/// Everything that requests change.
#[derive(Debug)]
pub struct ServiceState {
    /// The current tenant.
    pub state: TenantState,
    /// The answered calls.
    pub calls: CallLog,
    /// Intune's request counters.
    pub windows: ThrottlingWindows,
    /// The choices for open questions about the service.
    pub semantics: Semantics,
    /// The active test faults.
    pub faults: FaultQueue,
    /// The stale reads of test faults.
    pub shadows: StaleReads,
    /// Signing keys and token log.
    pub entra: EntraState,
}

impl EmulatedService {
    /// An emulator of `tenant`.
    pub fn new(tenant: Tenant, options: Options) -> Self {
        let inner = Mutex::new(ServiceState::new(&tenant, &options));
        Self { options, start: tenant, observer: ObserverSlot::default(), inner }
    }

    /// Restores the state at start. Call numbers continue, see [`CallLog::clear`].
    pub fn reset(&self) {
        let mut inner = self.state();
        let mut calls = std::mem::take(&mut inner.calls);
        calls.clear();
        let entra = std::mem::take(&mut inner.entra).with_empty_log();
        *inner = ServiceState { calls, entra, ..ServiceState::new(&self.start, &self.options) };
    }

    /// Locks the state. A panic under the lock leaves complete entities behind, so a poisoned lock stays usable.
    pub fn state(&self) -> MutexGuard<'_, ServiceState> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ServiceState {
    /// Whether no test fault is active.
    pub fn is_undisturbed(&self) -> bool {
        self.faults.is_empty() && self.shadows.is_empty()
    }

    fn new(tenant: &Tenant, options: &Options) -> Self {
        Self {
            state: tenant.state.clone(),
            calls: CallLog::default(),
            windows: ThrottlingWindows::default(),
            semantics: options.semantics,
            faults: FaultQueue::default(),
            shadows: StaleReads::default(),
            entra: EntraState::default(),
        }
    }
}
