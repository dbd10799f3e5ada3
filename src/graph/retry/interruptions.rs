//! Counts the pauses, retries and refused tokens during one operation. The caller compares two counts to find out
//! whether its requests were interrupted in between.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// The number of pauses, retries and refused tokens of one operation. Clones share the count.
#[derive(Debug, Clone, Default)]
pub struct Interruptions(Arc<AtomicU32>);

impl Interruptions {
    /// Counts one interruption.
    pub fn record(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// The number of interruptions so far.
    pub fn count(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }
}
