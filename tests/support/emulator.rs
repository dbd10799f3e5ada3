//! Runs the emulator's binary on a free port and uses Graph and the control addresses. The process ends when its
//! owner is dropped.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tempfile::NamedTempFile;

use super::child::Child;
use super::http::{self, Answer};
use super::kind;
use super::target::{Target, element_of_row, sorted};
use super::tenant::Tenant;

/// The emulator accepts any token that is not empty.
pub const TOKEN: &str = "token-of-the-scenarios";

pub struct Emulator {
    origin: String,
    _process: Child,
}

impl Emulator {
    pub fn start(tenant: &Tenant) -> Self {
        Self::start_with(tenant, &[])
    }

    /// Starts the emulator with further options, such as `--latency`.
    pub fn start_with(tenant: &Tenant, options: &[&str]) -> Self {
        let mut file = NamedTempFile::with_suffix(".json").unwrap();
        file.write_all(kind::tenant(tenant.json()).to_string().as_bytes()).unwrap();
        // The emulator reads the file before it prints its first line, so the file can be removed then.
        Self::start_from_file(file.path(), options)
    }

    /// Starts the emulator with an existing tenant file.
    pub fn start_from_file(tenant: &Path, options: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_defender-graph-emulator"));
        command.args(["--listen", "127.0.0.1:0", "--tenant"]).arg(tenant).args(options);
        let mut process = Child(command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap());
        let mut line = String::new();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        output.read_line(&mut line).unwrap();
        // Kept open, because a later line must not fail on a closed pipe.
        process.stdout = Some(output.into_inner());
        let origin = line.trim().strip_prefix("listening on ");
        let origin = origin
            .unwrap_or_else(|| panic!("the emulator should print its address, not {line:?}"))
            .to_owned();
        Self { origin, _process: process }
    }

    /// `http://127.0.0.1:PORT`
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The rows of a policy, from Graph beta.
    pub fn rows(&self, policy: &str) -> Vec<Value> {
        let path = format!("/beta/deviceManagement/deviceConfigurations/{policy}/assignments");
        let answer = self.send("GET", &path, None);
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        answer.body["value"].as_array().cloned().unwrap_or_default()
    }

    /// The rows that are not from a policy set.
    pub fn direct_rows(&self, policy: &str) -> Vec<Value> {
        self.rows(policy).into_iter().filter(|row| row["source"] != "policySets").collect()
    }

    /// Fails unless the direct rows are exactly these targets.
    pub fn must_hold(&self, policy: &str, targets: &[Target]) {
        let found = sorted(self.direct_rows(policy).iter().map(element_of_row));
        assert_eq!(found, sorted(targets.iter().map(Target::element)), "direct assignments of {policy}");
    }

    /// Replaces the direct rows, as a change in the portal does. Rows of policy sets are kept.
    pub fn assign_in_portal(&self, policy: &str, targets: &[Target]) {
        let inherited = self.rows(policy).into_iter().filter(|row| row["source"] == "policySets");
        let rows: Vec<_> = targets.iter().map(Target::row).chain(inherited).collect();
        self.set_rows(policy, &rows);
    }

    /// Replaces all rows of a policy, including those of policy sets.
    pub fn set_rows(&self, policy: &str, rows: &[Value]) {
        let path = format!("/_emulator/deviceConfigurations/{policy}/assignments");
        self.control("PUT", &path, Some(&json!({ "assignments": rows })));
    }

    /// Sets test faults, one or an array of them.
    pub fn fault(&self, rules: &Value) {
        self.control("POST", "/_emulator/faults", Some(rules));
    }

    /// Removes all remaining faults.
    pub fn no_more_faults(&self) {
        self.control("DELETE", "/_emulator/faults", None);
    }

    /// Sets what Intune reports about the devices of a policy.
    #[allow(dead_code, reason = "for the scenarios of rings")]
    pub fn set_status(&self, policy: &str, overview: &Value) {
        let path = format!("/_emulator/deviceConfigurations/{policy}/deviceStatusOverview");
        self.control("PUT", &path, Some(overview));
    }

    /// Replaces the conflicts between policies that Intune reports.
    #[allow(dead_code, reason = "for the scenarios of rings")]
    pub fn set_conflicts(&self, conflicts: &Value) {
        self.control("PUT", "/_emulator/deviceConfigurationConflictSummary", Some(conflicts));
    }

    pub fn delete_policy(&self, policy: &str) {
        self.control("DELETE", &format!("/_emulator/deviceConfigurations/{policy}"), None);
    }

    /// The number of requests so far. A batch counts as one request.
    pub fn requests(&self) -> usize {
        let log = self.control("GET", "/_emulator/calls", None).body;
        let calls = log["calls"].as_array().expect("a list of calls");
        calls.iter().filter(|call| call["envelope"].is_null()).count()
    }

    /// The Graph requests so far, including batch items and this test's own requests, as `METHOD path`.
    pub fn calls(&self) -> Vec<String> {
        let log = self.control("GET", "/_emulator/calls", None).body;
        let calls = log["calls"].as_array().expect("a list of calls");
        let text = |call: &Value, name: &str| call[name].as_str().unwrap_or_default().to_owned();
        calls.iter().map(|call| format!("{} {}", text(call, "method"), text(call, "path"))).collect()
    }

    /// The Graph requests with this response status, including batch items, as `METHOD path`.
    pub fn calls_answered(&self, status: u16) -> Vec<String> {
        let log = self.control("GET", "/_emulator/calls", None).body;
        let calls = log["calls"].as_array().expect("a list of calls").iter();
        let calls = calls.filter(|call| call["status"] == status);
        calls.map(|call| format!("{} {}", call["method"], call["path"]).replace('"', "")).collect()
    }

    /// The number of writes so far.
    pub fn assign_calls(&self) -> usize {
        self.calls().iter().filter(|call| call.starts_with("POST ") && call.ends_with("/assign")).count()
    }

    /// Fails if any write had an empty set.
    pub fn must_never_have_emptied(&self) {
        let log = self.control("GET", "/_emulator/calls", None).body;
        let calls = log["calls"].as_array().expect("a list of calls");
        let emptied: Vec<_> = calls.iter().filter(|call| call["assigned"] == 0).collect();
        assert!(emptied.is_empty(), "an assign with an empty set: {emptied:#?}");
    }

    /// The token requests so far, without secrets.
    pub fn token_requests(&self) -> Vec<Value> {
        let log = self.control("GET", "/_emulator/tokens", None).body;
        log["requests"].as_array().expect("a list of requests").clone()
    }

    /// A federated token, as a pipeline receives from its issuer.
    pub fn federated_token(&self, issuer: &str, subject: &str) -> String {
        let path = format!("/_emulator/oidc/token?issuer={issuer}&subject={subject}");
        self.control("GET", &path, None).body["token"].as_str().expect("a token").to_owned()
    }

    /// Sends a request of someone else to Graph. Fails unless it succeeds.
    #[allow(dead_code, reason = "for the scenarios of policies")]
    pub fn graph(&self, method: &str, path: &str, body: Option<&Value>) -> Value {
        self.control(method, path, body).body
    }

    fn control(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let answer = self.send(method, path, body);
        assert!(answer.status < 300, "{method} {path} answered {}: {}", answer.status, answer.body);
        answer
    }

    fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let body = body.map(kind::translated_json);
        let answer = http::send(&self.origin, method, &kind::translated(path), Some(TOKEN), body.as_ref());
        Answer { body: kind::restored_json(&answer.body), ..answer }
    }
}
