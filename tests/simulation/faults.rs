//! Faults of the service, as rules of the emulator. None contradicts the published behaviour in a way that no provider
//! could tell from the truth, such as a 404 for a policy that has been there for long.

use fastrand::Rng;
use serde_json::{Value as Json, json};

use crate::assignment::Policy;

/// A read that fails for a while or permanently.
const READS: [&str; 11] = [
    r#"{"status": 429, "retryAfter": "0.4"}"#,
    r#"{"status": 429, "retryAfter": "2"}"#,
    r#"{"status": 429, "retryAfter": "8"}"#,
    r#"{"status": 503}"#,
    r#"{"status": 500}"#,
    r#"{"status": 504}"#,
    r#"{"cut": "before"}"#,
    r#"{"status": 403}"#,
    r#"{"status": 401}"#,
    r#"{"status": 409}"#,
    r#"{"status": 404, "shape": "intune"}"#,
];

/// A write that fails, or seems to.
const WRITES: [&str; 16] = [
    r#"{"status": 429, "retryAfter": "0.4"}"#,
    r#"{"status": 403}"#,
    r#"{"status": 403, "times": null}"#,
    r#"{"status": 401}"#,
    r#"{"status": 401, "times": null}"#,
    r#"{"status": 429, "retryAfter": "2"}"#,
    r#"{"status": 429, "retryAfter": "8"}"#,
    r#"{"status": 409}"#,
    r#"{"status": 500}"#,
    r#"{"status": 503}"#,
    r#"{"cut": "before"}"#,
    r#"{"cut": "after"}"#,
    r#"{"status": 500, "afterEffect": true}"#,
    r#"{"status": 504, "afterEffect": true}"#,
    r#"{"status": 503, "afterEffect": true}"#,
    r#"{"status": 200, "afterEffect": true, "body": "{\"value\": [{\"id\": \"0b8a"}"#,
];

/// A write that is shown or stored otherwise.
const LIES: [&str; 3] = [
    r#"{"stale": 1}"#,
    r#"{"stale": 3, "answer": "old"}"#,
    r#"{"dropTargets": ["allDevicesAssignmentTarget", "groupAssignmentTarget"]}"#,
];

pub fn of_read(rng: &mut Rng, policy: Policy) -> Json {
    let mut rule = parsed(rng, &READS);
    // A 404 of the assignments alone; the policy itself is found.
    let places = if rule["status"] == 404 { 1 } else { 4 };
    rule["match"] = match rng.u8(..places) {
        0 => json!({"method": "GET", "path": format!("{}/assignments", policy.id())}),
        1 => json!({"method": "GET", "path": policy.id()}),
        2 => json!({"path": "$batch"}),
        _ => json!({"path": "directoryObjects"}),
    };
    rule["times"] = json!(rng.u8(1..=2));
    rule
}

pub fn of_write(rng: &mut Rng, policy: Policy) -> Json {
    let mut rule = parsed(rng, &WRITES);
    rule["match"] = assign(rng, policy);
    rule
}

pub fn of_lie(rng: &mut Rng, policy: Policy) -> Json {
    let mut rule = parsed(rng, &LIES);
    rule["match"] = assign(rng, policy);
    rule
}

/// The action of a policy that was made a moment ago.
pub fn of_new_policy(rng: &mut Rng, policy: Policy) -> Json {
    json!({"match": assign(rng, policy), "status": 404, "shape": "intune", "times": rng.u8(1..=2)})
}

/// A policy that was made a moment ago and is not shown for some calls.
pub fn hiding(rng: &mut Rng, policy: Policy) -> Json {
    json!({"match": {"path": policy.id()}, "hide": rng.u8(1..5)})
}

/// Whether reads lag behind a write, so that they show nobody what was written.
pub fn lags(rule: &Json) -> bool {
    !rule["stale"].is_null()
}

/// The directory throttles, sometimes so briefly that only the pause itself makes a read outdated.
pub fn busy_directory(rng: &mut Rng) -> Json {
    let pause = ["0.4", "2", "8"][rng.usize(..3)];
    json!({"match": {"path": "directoryObjects"}, "status": 429, "retryAfter": pause})
}

/// A token that is refused at the write.
pub fn refused_token(policy: Policy) -> Json {
    let matched = json!({"method": "POST", "path": format!("{}/assign", policy.id())});
    json!({"match": matched, "status": 401})
}

fn parsed(rng: &mut Rng, effects: &[&str]) -> Json {
    serde_json::from_str(effects[rng.usize(..effects.len())]).unwrap()
}

/// Usually the first write, sometimes the second.
fn assign(rng: &mut Rng, policy: Policy) -> Json {
    let skip = rng.u8(..2) * rng.u8(..2);
    json!({"method": "POST", "path": format!("{}/assign", policy.id()), "skip": skip})
}
