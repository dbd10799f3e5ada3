//! How much memory the answers that are held at one moment may take together. Answers come in parallel, so a bound for
//! each of them is none for the process.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Many times what a run needs: the largest page of Graph has a few megabytes, and is asked for alone.
const BUDGET_BYTES: usize = 64 * 1024 * 1024;

static HELD_BYTES: AtomicUsize = AtomicUsize::new(0);

/// What one answer, or one collection of them, takes of the budget. Given back when this is dropped.
#[derive(Debug, Default)]
pub struct Share {
    bytes: usize,
}

impl Share {
    /// Takes more of the budget, or nothing if there is not so much left.
    #[must_use]
    pub fn grow(&mut self, bytes: usize) -> bool {
        let taken = HELD_BYTES.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |held| {
            held.checked_add(bytes).filter(|held| *held <= BUDGET_BYTES)
        });
        if taken.is_ok() {
            self.bytes += bytes;
        }
        taken.is_ok()
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        HELD_BYTES.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}
