//! Bounds the memory that all responses take together. Responses arrive in parallel, so a bound for each of them does
//! not bound the process.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Far more than a run needs: Graph's largest page has a few megabytes, and only one is requested at a time.
const BUDGET_BYTES: usize = 64 * 1024 * 1024;

static RESERVED_BYTES: AtomicUsize = AtomicUsize::new(0);

/// The part of the budget that one response, or one collection, has reserved. Released when this is dropped.
#[derive(Debug, Default)]
pub struct MemoryReservation {
    bytes: usize,
}

impl MemoryReservation {
    /// Reserves more of the budget. Returns false, and reserves nothing, if less is left.
    #[must_use]
    pub fn try_grow(&mut self, bytes: usize) -> bool {
        let result = RESERVED_BYTES.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |reserved| {
            reserved.checked_add(bytes).filter(|reserved| *reserved <= BUDGET_BYTES)
        });
        if result.is_ok() {
            self.bytes += bytes;
        }
        result.is_ok()
    }
}

impl Drop for MemoryReservation {
    fn drop(&mut self) {
        RESERVED_BYTES.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}
