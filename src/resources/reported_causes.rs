//! The causes of errors and warnings that a session has reported, so that each cause is explained only once.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Maps each reported cause, for example `token` for a refused access token, to the summary of the diagnostic that explained it.
#[derive(Debug, Default)]
pub(crate) struct ReportedCauses(Mutex<HashMap<String, String>>);

impl ReportedCauses {
    /// Records the summary of the diagnostic that reports a cause. If an earlier diagnostic has reported the cause,
    /// returns its summary and changes nothing.
    pub(crate) fn record(&self, cause: &str, summary: &str) -> Option<String> {
        let mut reported = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let earlier = reported.get(cause).cloned();
        if earlier.is_none() {
            reported.insert(cause.to_owned(), summary.to_owned());
        }
        earlier
    }

    /// Whether a diagnostic has reported this cause.
    pub(crate) fn has(&self, cause: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains_key(cause)
    }
}
