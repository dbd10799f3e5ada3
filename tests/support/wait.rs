//! Waits for other processes, always with a time limit. The only place in the scenarios that sleeps.

use std::process::{Child, ExitStatus};
use std::thread;
use std::time::{Duration, Instant};

/// Longer than any step on a slow machine; reached only on failure.
pub const BOUND: Duration = Duration::from_mins(1);

const PAUSE: Duration = Duration::from_millis(20);

/// Polls until `condition` is true. Returns false after `limit`.
pub fn until(limit: Duration, mut condition: impl FnMut() -> bool) -> bool {
    let end = Instant::now() + limit;
    loop {
        if condition() {
            return true;
        }
        if Instant::now() >= end {
            return false;
        }
        thread::sleep(PAUSE);
    }
}

/// Waits for the exit status. `None` if the process still runs after `limit`.
pub fn for_exit(process: &mut Child, limit: Duration) -> Option<ExitStatus> {
    let mut status = None;
    until(limit, || {
        status = process.try_wait().expect("the exit status of a child");
        status.is_some()
    });
    status
}
