//! What an emulator is without its socket: its settings, and everything that requests change. Serves nothing by itself.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::calls::CallLog;
use super::entra::Entra;
use super::faults::{Faults, Shadows};
use super::limits::Windows;
use super::observer::Observing;
use super::options::Options;
use super::semantics::Semantics;
use super::state::State;
use super::tenant::Tenant;

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
            state: tenant.state.clone(),
            calls: CallLog::default(),
            windows: Windows::default(),
            semantics: options.semantics,
            faults: Faults::default(),
            shadows: Shadows::default(),
            entra: Entra::default(),
        }
    }
}
