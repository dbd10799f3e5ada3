//! Random rules for the emulator, each with what it may do to an operation. Answers that contradict the published
//! behavior, such as a 404 for a policy that exists, are not drawn: no client could distinguish them from the truth.

use fastrand::Rng;
use serde_json::{Value as Json, json};

/// The severity of a set of rules: that of its worst rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weather {
    /// No fault.
    Fair,
    /// Every failed request succeeds when it is retried.
    Passing,
    /// A request keeps failing.
    Lasting,
    /// Reads or stored sets are wrong for a while.
    Lying,
}

/// Rules of the emulator and their severity.
#[derive(Debug, Clone)]
pub struct Faults {
    pub rules: Vec<Json>,
    pub weather: Weather,
}

/// The name of a rule after which an `assign` took effect.
pub const DONE: &str = "done";
/// The name of all others.
pub const UNDONE: &str = "undone";

/// A response without the requested effect, and whether a retry helps.
const FAILURES: [(&str, Weather); 18] = [
    (r#"{"status": 429, "retryAfter": "2"}"#, Weather::Passing),
    (r#"{"status": 429, "retryAfter": "0.5", "shape": "intune"}"#, Weather::Passing),
    (r#"{"status": 429, "retryAfter": "now+3s"}"#, Weather::Passing),
    (r#"{"status": 429}"#, Weather::Passing),
    (r#"{"status": 503, "retryAfter": "1"}"#, Weather::Passing),
    (r#"{"status": 503, "body": "", "contentType": "text/html"}"#, Weather::Passing),
    (r#"{"status": 500, "shape": "intune"}"#, Weather::Passing),
    (r#"{"status": 502, "body": "<html>Bad gateway</html>", "contentType": "text/html"}"#, Weather::Passing),
    (r#"{"status": 504}"#, Weather::Passing),
    (r#"{"cut": "before"}"#, Weather::Passing),
    (r#"{"status": 200, "body": "{\"value\": [{\"id\": \"0b8a"}"#, Weather::Passing),
    (r#"{"status": 200, "body": "<html>Sign in</html>", "contentType": "text/html"}"#, Weather::Lasting),
    (r#"{"status": 200, "body": "{}"}"#, Weather::Lasting),
    (r#"{"status": 400}"#, Weather::Lasting),
    (r#"{"status": 401}"#, Weather::Lasting),
    (r#"{"status": 403}"#, Weather::Lasting),
    (r#"{"status": 409}"#, Weather::Passing),
    (r#"{"status": 423}"#, Weather::Passing),
];

/// Effects without a response that confirms them.
const LOST_ANSWERS: [&str; 6] = [
    r#"{"cut": "after"}"#,
    r#"{"status": 500, "afterEffect": true}"#,
    r#"{"status": 503, "afterEffect": true, "retryAfter": "1"}"#,
    r#"{"status": 504, "afterEffect": true}"#,
    r#"{"status": 200, "afterEffect": true, "body": "{\"value\": [{\"id\": \"0b8a"}"#,
    r#"{"status": 200, "afterEffect": true, "body": "<html>Thank you</html>", "contentType": "text/html"}"#,
];

/// Ways to accept a set and to show or store another one.
const LIES: [&str; 5] = [
    r#"{"stale": 1}"#,
    r#"{"stale": 3, "answer": "old"}"#,
    r#"{"stale": 40, "answer": "old"}"#,
    r#"{"dropTargets": ["allDevicesAssignmentTarget", "groupAssignmentTarget"]}"#,
    r##"{"addTargets": [{"@odata.type": "#microsoft.graph.allLicensedUsersAssignmentTarget"}]}"##,
];

impl Faults {
    pub fn none() -> Self {
        Self { rules: Vec::new(), weather: Weather::Fair }
    }

    /// For the requests with which a policy is read.
    pub fn of_reads(rng: &mut Rng, policy: &str) -> Self {
        let mut faults = Self::none();
        for _ in 0..count(rng) {
            faults.add_read(rng, policy);
        }
        faults
    }

    /// Rules for a write to a policy and the reads around it. Without `lies`, all responses are true.
    pub fn of_writes(rng: &mut Rng, policy: &str, lies: bool) -> Self {
        let mut faults = Self::of_reads(rng, policy);
        for _ in 0..count(rng) {
            let path = format!("{policy}/assign");
            match rng.u8(..if lies { 10 } else { 8 }) {
                0..4 => {
                    let failure = FAILURES[rng.usize(..FAILURES.len())];
                    faults.add(rng, failure, json!({"method": "POST", "path": path}), UNDONE);
                }
                4..8 => {
                    let lost = (LOST_ANSWERS[rng.usize(..LOST_ANSWERS.len())], Weather::Passing);
                    faults.add(rng, lost, json!({"method": "POST", "path": path}), DONE);
                }
                _ => {
                    let lie = (LIES[rng.usize(..LIES.len())], Weather::Lying);
                    faults.add(rng, lie, json!({"method": "POST", "path": path}), DONE);
                }
            }
        }
        faults
    }

    /// Both together.
    pub fn with(mut self, other: &Self) -> Self {
        self.rules.extend(other.rules.iter().cloned());
        self.weather = self.weather.max(other.weather);
        self
    }

    fn add_read(&mut self, rng: &mut Rng, policy: &str) {
        let mut failure = FAILURES[rng.usize(..FAILURES.len())];
        if failure.0.contains("0b8a") {
            // In a batch it is no torn body, but a whole one of the wrong shape.
            failure.1 = Weather::Lasting;
        }
        let rows = json!({"method": "GET", "path": format!("{policy}/assignments")});
        match rng.u8(..11) {
            0..4 => self.add(rng, failure, rows, UNDONE),
            4..6 => self.add(rng, failure, json!({"method": "GET", "path": policy}), UNDONE),
            // A 404 of the rows alone; the policy itself is found.
            6 => self.add(rng, (r#"{"status": 404, "shape": "intune"}"#, Weather::Lasting), rows, UNDONE),
            7 => self.add(rng, failure, json!({"path": "$batch"}), UNDONE),
            8 => {
                let item = (r#"{"item": "missing"}"#, r#"{"item": "repeated"}"#);
                let item = if rng.bool() { item.0 } else { item.1 };
                self.add(rng, (item, Weather::Passing), rows, UNDONE);
            }
            9 => self.add(rng, failure, json!({"path": "directoryObjects"}), UNDONE),
            _ => self.add(rng, failure, json!({"path": "assignmentFilters"}), UNDONE),
        }
    }

    fn add(&mut self, rng: &mut Rng, (effect, weather): (&str, Weather), matched: Json, name: &str) {
        let mut rule: Json = serde_json::from_str(effect).unwrap();
        rule["name"] = json!(name);
        rule["match"] = matched;
        let endless = rng.u8(..12) == 0 && weather < Weather::Lying;
        rule["times"] = if endless { Json::Null } else { json!(rng.u8(1..=2)) };
        self.rules.push(rule);
        self.weather = self.weather.max(if endless { Weather::Lasting.max(weather) } else { weather });
    }
}

/// The number of rules: often none, rarely many.
fn count(rng: &mut Rng) -> u8 {
    [0, 0, 0, 1, 1, 2, 3][rng.usize(..7)]
}
