//! Counters per window of 20 seconds, always on, and Intune's published limits for device configurations
//! ("Microsoft Graph service-specific throttling limits", Intune device configuration). Whether a limit is
//! enforced is the caller's choice. The limits of the directory are not modelled.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::{Duration, Instant};

use serde::Serialize;

const WINDOW: Duration = Duration::from_secs(20);
const REQUESTS_PER_TENANT: u32 = 2000;
const REQUESTS_PER_APP: u32 = 1000;
const WRITES_PER_TENANT: u32 = 200;
const WRITES_PER_APP: u32 = 100;

/// The counters of the current window, and the highest of all windows.
#[derive(Debug, Default)]
pub struct Windows {
    started: Option<Instant>,
    tenant: Count,
    /// By the hash of the client id, or of the bearer token where it names none.
    apps: HashMap<u64, Count>,
    peak: Count,
    over_limit: u64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Count {
    requests: u32,
    writes: u32,
}

/// The counters as `GET /_emulator/calls` shows them.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Counters {
    window_seconds: u64,
    requests: u32,
    writes: u32,
    peak_requests: u32,
    peak_writes: u32,
    over_limit: u64,
}

impl Windows {
    /// Counts one request to a device configuration. Answers whether it is within the published limits;
    /// refused requests count too.
    pub fn count(&mut self, now: Instant, bearer: &str, write: bool) -> bool {
        self.turn(now);
        let mut hasher = DefaultHasher::new();
        bearer.hash(&mut hasher);
        let app = self.apps.entry(hasher.finish()).or_default();
        app.add(write);
        self.tenant.add(write);
        self.peak.requests = self.peak.requests.max(self.tenant.requests);
        self.peak.writes = self.peak.writes.max(self.tenant.writes);
        // A read is refused for the number of requests only; a write for either.
        let within = app.requests <= REQUESTS_PER_APP
            && self.tenant.requests <= REQUESTS_PER_TENANT
            && !(write && (app.writes > WRITES_PER_APP || self.tenant.writes > WRITES_PER_TENANT));
        self.over_limit += u64::from(!within);
        within
    }

    /// The counters at `now`.
    pub fn counters(&mut self, now: Instant) -> Counters {
        self.turn(now);
        Counters {
            window_seconds: WINDOW.as_secs(),
            requests: self.tenant.requests,
            writes: self.tenant.writes,
            peak_requests: self.peak.requests,
            peak_writes: self.peak.writes,
            over_limit: self.over_limit,
        }
    }

    /// Starts a new window when the present one is over.
    fn turn(&mut self, now: Instant) {
        if self.started.is_none_or(|started| now.duration_since(started) >= WINDOW) {
            self.started = Some(now);
            self.tenant = Count::default();
            self.apps.clear();
        }
    }
}

impl Count {
    fn add(&mut self, write: bool) {
        self.requests += 1;
        self.writes += u32::from(write);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_101st_write_of_an_application_is_over_the_limit_until_the_window_ends() {
        let (mut windows, start) = (Windows::default(), Instant::now());
        assert!((0..100).all(|_| windows.count(start, "a", true)));
        assert!(!windows.count(start, "a", true));
        assert!(windows.count(start, "a", false), "reads go on");
        assert!(windows.count(start, "b", true), "another application has its own count");
        assert!(windows.count(start + WINDOW, "a", true), "a new window");
    }

    #[test]
    fn applications_share_the_limits_of_the_tenant() {
        let (mut windows, start) = (Windows::default(), Instant::now());
        let apps = ["a", "b", "c"];
        let served = (0..300).filter(|index| windows.count(start, apps[index % 3], true)).count();
        assert_eq!(served, 200);
    }

    #[test]
    fn the_1001st_request_of_an_application_is_over_the_limit() {
        let (mut windows, start) = (Windows::default(), Instant::now());
        let served = (0..1500).filter(|_| windows.count(start, "a", false)).count();
        assert_eq!(served, 1000);
        assert_eq!(windows.counters(start).peak_requests, 1500);
    }
}
