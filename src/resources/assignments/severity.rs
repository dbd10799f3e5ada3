//! The severity of what a plan finds, as the argument `preflight` sets it.

use crate::resources::session::{Preflight, Session};
use crate::terraform::diagnostic::{Diagnostic, Diagnostics, Severity};

/// Sets the severity of a finding to the one that `preflight` selects. With `off`, drops the finding. For what apply would
/// refuse.
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
