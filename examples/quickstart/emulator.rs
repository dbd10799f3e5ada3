//! The emulator as the quickstart uses it: started with the small tenant, changed as a person in the portal would
//! change it, asked what it holds. It ends with the value that owns it, whatever happens.

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
    /// Starts it on a free port of loopback, and waits for the line that names the port.
    pub fn start(program: &Path) -> Outcome<Self> {
        let tenant = Path::new(SOURCES).join("tenant.json");
        let mut command = Command::new(program);
        command.args(["--listen", "127.0.0.1:0", "--tenant"]).arg(tenant).stdout(Stdio::piped());
        leave_process_group(&mut command);
        let mut process = Running(command.spawn()?);
        let address = announced_address(&mut process.0)?;
        // A proxy set for the internet does not know this machine's loopback.
        let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(30)).build()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        Ok(Self { process, address, http, runtime })
    }

    /// `http://127.0.0.1:PORT`
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Replaces one assigned group by another behind Terraform's back; all other rows stay as they are.
    pub fn swap_group_in_portal(&self, policy: &str, leaves: &str, enters: &str) -> Outcome {
        let mut rows = self.assignments(policy)?;
        let target = rows.iter_mut().filter_map(|row| row.pointer_mut("/target/groupId"));
        let assigned = target.filter(|id| id.as_str() == Some(leaves)).map(|id| *id = json!(enters)).count();
        if assigned != 1 {
            return Err(format!("{leaves} is assigned {assigned} times, and should be once").into());
        }
        let url = format!("{}/_emulator/deviceConfigurations/{policy}/assignments", self.address);
        self.send(self.http.put(url).json(&json!({ "assignments": rows }))).map(drop)
    }

    pub fn must_assign_directly(&self, policy: &str, group: &str) -> Outcome {
        let found =
            self.assignments(policy)?.iter().any(|row| is_direct(row) && group_of(row) == Some(group));
        if found { Ok(()) } else { Err(format!("group {group} should be assigned to {policy} again").into()) }
    }

    pub fn must_keep_only_policy_sets(&self, policy: &str) -> Outcome {
        let rows = self.assignments(policy)?;
        let direct = rows.iter().filter(|row| is_direct(row)).count();
        let inherited = rows.len().saturating_sub(direct);
        println!("{direct} direct assignments are left, and {inherited} that comes from a policy set.");
        if direct == 0 && inherited == 1 { Ok(()) } else { Err("the tenant should hold 0 and 1".into()) }
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

/// A child that never outlives its owner, also when the owner fails half-way through its construction.
struct Running(Child);

impl Running {
    fn end(&mut self) {
        // Both fail only when the process has ended already.
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

fn group_of(row: &Value) -> Option<&str> {
    row.pointer("/target/groupId").and_then(Value::as_str)
}

fn announced_address(process: &mut Child) -> Outcome<String> {
    let mut output = BufReader::new(process.stdout.take().ok_or("the emulator has no output")?);
    let mut line = String::new();
    output.read_line(&mut line)?;
    // Open as long as the process: a later line must not meet a closed pipe.
    process.stdout = Some(output.into_inner());
    let address = line.trim().strip_prefix("listening on ");
    Ok(address.ok_or_else(|| format!("the emulator did not start, it said: {line:?}"))?.to_owned())
}

/// Ctrl-C reaches every process of the group. Terraform then ends the running step in good order, for which it
/// still needs the emulator.
#[cfg(unix)]
fn leave_process_group(command: &mut Command) {
    use std::os::unix::process::CommandExt;
    command.process_group(0);
}

#[cfg(not(unix))]
fn leave_process_group(_command: &mut Command) {}
