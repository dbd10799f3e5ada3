//! Which causes of errors and warnings a session has reported, so that the same cause is explained once.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// The summary of the diagnostic that reported each cause, such as `time` or `token`.
#[derive(Debug, Default)]
pub(crate) struct ReportedCauses(Mutex<HashMap<String, String>>);

impl ReportedCauses {
    /// Records `summary` as the report of this cause, unless there is an earlier one, which is returned.
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
