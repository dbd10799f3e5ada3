//! Limits the memory that all responses take together. Responses arrive in parallel, so a limit for each response
//! does not limit the memory of the process.

use std::sync::atomic::{AtomicUsize, Ordering};

/// The budget. It is far more than a Terraform run needs: Graph's largest page has a few megabytes, and only one such
/// page is requested at a time.
const BUDGET_BYTES: usize = 64 * 1024 * 1024;

static RESERVED_BYTES: AtomicUsize = AtomicUsize::new(0);

/// The part of the budget that one response, or one collection, has reserved. Dropping the reservation releases it.
#[derive(Debug, Default)]
pub struct MemoryReservation {
    bytes: usize,
}

impl MemoryReservation {
    /// Reserves further bytes of the budget. Returns false, and reserves nothing, if fewer bytes are left.
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
