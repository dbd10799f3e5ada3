//! Request counters per window of 20 seconds, and Intune's published limits for device configurations
//! ("Microsoft Graph service-specific throttling limits", Intune device configuration). The caller decides
//! whether to enforce a limit. The directory's limits are not modeled.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::{Duration, Instant};

use serde::Serialize;

const WINDOW: Duration = Duration::from_secs(20);
const REQUESTS_PER_TENANT: u32 = 2000;
const REQUESTS_PER_APP: u32 = 1000;
const WRITES_PER_TENANT: u32 = 200;
const WRITES_PER_APP: u32 = 100;

/// The counters of the current window, and the highest counts of all windows.
#[derive(Debug, Default)]
pub struct ThrottlingWindows {
    started: Option<Instant>,
    tenant: RequestCount,
    /// By the hash of the client id, or of the bearer token if it names none.
    apps: HashMap<u64, RequestCount>,
    peak: RequestCount,
    over_limit: u64,
}

#[derive(Clone, Copy, Debug, Default)]
struct RequestCount {
    requests: u32,
    writes: u32,
}

/// The counters as `GET /_emulator/calls` shows them.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ThrottlingCounters {
    window_seconds: u64,
    requests: u32,
    writes: u32,
    peak_requests: u32,
    peak_writes: u32,
    over_limit: u64,
}

impl ThrottlingWindows {
    /// Counts one request to a policy. Returns whether it is within the published limits; refused
    /// requests count, too.
    pub fn count(&mut self, now: Instant, bearer: &str, write: bool) -> bool {
        self.roll_over(now);
        let mut hasher = DefaultHasher::new();
        bearer.hash(&mut hasher);
        let app = self.apps.entry(hasher.finish()).or_default();
        app.add(write);
        self.tenant.add(write);
        self.peak.requests = self.peak.requests.max(self.tenant.requests);
        self.peak.writes = self.peak.writes.max(self.tenant.writes);
        // Reads are limited by the number of requests; writes by both numbers.
        let within = app.requests <= REQUESTS_PER_APP
            && self.tenant.requests <= REQUESTS_PER_TENANT
            && !(write && (app.writes > WRITES_PER_APP || self.tenant.writes > WRITES_PER_TENANT));
        self.over_limit += u64::from(!within);
        within
    }

    /// The counters at `now`.
    pub fn counters(&mut self, now: Instant) -> ThrottlingCounters {
        self.roll_over(now);
        ThrottlingCounters {
            window_seconds: WINDOW.as_secs(),
            requests: self.tenant.requests,
            writes: self.tenant.writes,
            peak_requests: self.peak.requests,
            peak_writes: self.peak.writes,
            over_limit: self.over_limit,
        }
    }

    /// Starts a new window when the current one is over.
    fn roll_over(&mut self, now: Instant) {
        if self.started.is_none_or(|started| now.duration_since(started) >= WINDOW) {
            self.started = Some(now);
            self.tenant = RequestCount::default();
            self.apps.clear();
        }
    }
}

impl RequestCount {
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
        let (mut windows, start) = (ThrottlingWindows::default(), Instant::now());
        assert!((0..100).all(|_| windows.count(start, "a", true)));
        assert!(!windows.count(start, "a", true));
        assert!(windows.count(start, "a", false), "reads go on");
        assert!(windows.count(start, "b", true), "another application has its own count");
        assert!(windows.count(start + WINDOW, "a", true), "a new window");
    }

    #[test]
    fn applications_share_the_limits_of_the_tenant() {
        let (mut windows, start) = (ThrottlingWindows::default(), Instant::now());
        let apps = ["a", "b", "c"];
        let served = (0..300).filter(|index| windows.count(start, apps[index % 3], true)).count();
        assert_eq!(served, 200);
    }

    #[test]
    fn the_1001st_request_of_an_application_is_over_the_limit() {
        let (mut windows, start) = (ThrottlingWindows::default(), Instant::now());
        let served = (0..1500).filter(|_| windows.count(start, "a", false)).count();
        assert_eq!(served, 1000);
        assert_eq!(windows.counters(start).peak_requests, 1500);
    }
}
