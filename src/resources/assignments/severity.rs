//! The severity of what a plan finds, as the argument `preflight` sets it.

use crate::resources::session::{Preflight, Session};
use crate::terraform::diagnostic::{Diagnostic, Diagnostics, Severity};

/// Gives a finding that apply would refuse the severity that `preflight` sets.
pub(super) fn as_severe_as_preflight(session: &Session, mut diagnostic: Diagnostic) -> Diagnostics {
    match session.options.preflight {
        Preflight::Error => diagnostic.into(),
        Preflight::Warn => {
            diagnostic.severity = Severity::Warning;
            diagnostic.into()
        }
        Preflight::Off => Diagnostics::new(),
    }
}
