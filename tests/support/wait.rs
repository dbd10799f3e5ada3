//! Waiting for something outside this process, always with a bound. The only place of the scenarios that sleeps.

use std::process::{Child, ExitStatus};
use std::thread;
use std::time::{Duration, Instant};

/// More than any step needs on a slow machine; only a fault ever takes so long.
pub const BOUND: Duration = Duration::from_mins(1);

const PAUSE: Duration = Duration::from_millis(20);

/// Looks again and again until `condition` holds. False if it does not within `limit`.
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

/// The exit status, or none if the process still runs after `limit`.
pub fn for_exit(process: &mut Child, limit: Duration) -> Option<ExitStatus> {
    let mut status = None;
    until(limit, || {
        status = process.try_wait().expect("a child can be waited for");
        status.is_some()
    });
    status
}
