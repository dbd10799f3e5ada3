//! The causes of errors and warnings that a session has reported, so that each cause is explained only once.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// For each cause, such as `time` or `token`, the summary of the diagnostic that reported it.
#[derive(Debug, Default)]
pub(crate) struct ReportedCauses(Mutex<HashMap<String, String>>);

impl ReportedCauses {
    /// Records the summary of the diagnostic that reports a cause. If the cause has been reported before, returns the
    /// summary of that diagnostic and changes nothing.
    pub(crate) fn record(&self, cause: &str, summary: &str) -> Option<String> {
        let mut reported = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let earlier = reported.get(cause).cloned();
        if earlier.is_none() {
            reported.insert(cause.to_owned(), summary.to_owned());
        }
        earlier
    }

    /// Whether this cause has been reported.
    pub(crate) fn has(&self, cause: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains_key(cause)
    }
}
