//! The severity of findings in a plan, which the argument `preflight` sets.

use crate::resources::session::{Preflight, Session};
use crate::terraform::diagnostic::{Diagnostic, Diagnostics, Severity};

/// Applies `preflight` to the report of something that apply would refuse: sets its severity, or drops it with `off`.
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
