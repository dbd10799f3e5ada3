//! Runs the emulator with the quickstart's tenant, makes changes like those in the portal, and reads assignments. The
//! process is killed when its owner is dropped.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::Outcome;
use crate::terraform::{SOURCES, TOKEN};

pub struct Emulator {
    process: Running,
    address: String,
    http: reqwest::Client,
    runtime: tokio::runtime::Runtime,
}

impl Emulator {
    /// Starts the emulator on a free loopback port and waits for its address.
    pub fn start(program: &Path) -> Outcome<Self> {
        let tenant = Path::new(SOURCES).join("tenant.json");
        let mut command = Command::new(program);
        command.args(["--listen", "127.0.0.1:0", "--tenant"]).arg(tenant).stdout(Stdio::piped());
        leave_process_group(&mut command);
        let mut process = Running(command.spawn()?);
        let address = announced_address(&mut process.0)?;
        // A configured proxy cannot reach the loopback interface.
        let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(30)).build()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        Ok(Self { process, address, http, runtime })
    }

    /// `http://127.0.0.1:PORT`
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Replaces one assigned group with another, without Terraform. All other rows are kept.
    pub fn swap_group_in_portal(&self, policy: &str, removed: &str, added: &str) -> Outcome {
        let mut rows = self.assignments(policy)?;
        let target = rows.iter_mut().filter_map(|row| row.pointer_mut("/target/groupId"));
        let assigned = target.filter(|id| id.as_str() == Some(removed)).map(|id| *id = json!(added)).count();
        if assigned != 1 {
            return Err(format!("{removed} should be assigned once, but is assigned {assigned} times").into());
        }
        let url = format!("{}/_emulator/deviceConfigurations/{policy}/assignments", self.address);
        self.send(self.http.put(url).json(&json!({ "assignments": rows }))).map(drop)
    }

    pub fn must_assign_directly(&self, policy: &str, group: &str) -> Outcome {
        let found =
            self.assignments(policy)?.iter().any(|row| is_direct(row) && group_id(row) == Some(group));
        if found { Ok(()) } else { Err(format!("group {group} should be assigned to {policy} again").into()) }
    }

    pub fn must_keep_only_policy_sets(&self, policy: &str) -> Outcome {
        let rows = self.assignments(policy)?;
        let direct = rows.iter().filter(|row| is_direct(row)).count();
        let inherited = rows.len().saturating_sub(direct);
        println!("{direct} direct assignments and {inherited} assignment from a policy set are left.");
        if direct == 0 && inherited == 1 {
            Ok(())
        } else {
            Err("expected 0 direct assignments and 1 from a policy set".into())
        }
    }

    /// `GET /beta/deviceManagement/deviceConfigurations/{id}/assignments`
    fn assignments(&self, policy: &str) -> Outcome<Vec<Value>> {
        let url = format!("{}/beta/deviceManagement/deviceConfigurations/{policy}/assignments", self.address);
        let body: Value = serde_json::from_str(&self.send(self.http.get(url).bearer_auth(TOKEN))?)?;
        Ok(body.get("value").and_then(Value::as_array).cloned().unwrap_or_default())
    }

    fn send(&self, request: reqwest::RequestBuilder) -> Outcome<String> {
        self.runtime.block_on(async {
            let answer = request.send().await?;
            let (status, url) = (answer.status(), answer.url().clone());
            let text = answer.text().await?;
            if status.is_success() {
                Ok(text)
            } else {
                Err(format!("{url} answered {status}: {text}").into())
            }
        })
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.process.end();
    }
}

/// A child process that is killed on drop, even if the construction of its owner fails.
struct Running(Child);

impl Running {
    fn end(&mut self) {
        // Both fail only if the process has already ended.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end();
    }
}

fn is_direct(row: &Value) -> bool {
    row.get("source").and_then(Value::as_str).is_none_or(|source| source == "direct")
}

fn group_id(row: &Value) -> Option<&str> {
    row.pointer("/target/groupId").and_then(Value::as_str)
}

fn announced_address(process: &mut Child) -> Outcome<String> {
    let mut output = BufReader::new(process.stdout.take().ok_or("the emulator has no output")?);
    let mut line = String::new();
    output.read_line(&mut line)?;
    // Kept open, because a later line must not fail on a closed pipe.
    process.stdout = Some(output.into_inner());
    let address = line.trim().strip_prefix("listening on ");
    Ok(address.ok_or_else(|| format!("the emulator did not start: {line:?}"))?.to_owned())
}

/// Ctrl-C goes to every process of the group. Terraform still needs the emulator to end its running step.
#[cfg(unix)]
fn leave_process_group(command: &mut Command) {
    use std::os::unix::process::CommandExt;
    command.process_group(0);
}

#[cfg(windows)]
fn leave_process_group(command: &mut Command) {
    use std::os::windows::process::CommandExt;
    const CREATE_NEW_PROCESS_GROUP: u32 = 0x200;
    command.creation_flags(CREATE_NEW_PROCESS_GROUP);
}
