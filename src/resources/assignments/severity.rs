//! The severity of findings in a plan. The argument `preflight` sets it.

use crate::resources::session::{Preflight, Session};
use crate::terraform::diagnostic::{Diagnostic, Diagnostics, Severity};

/// Applies the argument `preflight` to the diagnostic of a problem for which apply would fail: sets the severity of the diagnostic, or drops
/// the diagnostic if the value is `off`.
pub(super) fn with_preflight_severity(session: &Session, mut diagnostic: Diagnostic) -> Diagnostics {
    match session.options.preflight {
        Preflight::Error => diagnostic.into(),
        Preflight::Warn => {
            diagnostic.severity = Severity::Warning;
            diagnostic.into()
        }
        Preflight::Off => Diagnostics::new(),
    }
}
