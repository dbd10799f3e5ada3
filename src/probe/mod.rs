//! The command `probe`: asks a test tenant what is not documented about the service, with one throw-away policy. Run
//! by hand.
//!
//! Without `--yes` it only shows the questions. It never assigns to all devices or all users, refuses groups that have
//! members, and deletes what it has created also after an interruption. An interruption takes effect between two
//! requests, so no create is ever left without its answer.

mod access;
mod options;
mod question;
mod report;
mod signals;
mod topics;

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use serde_json::Value;
use uuid::Uuid;

use crate::graph::{ApiVersion, Request};
use crate::provider::{self, Environment};

use self::access::{Access, Halt, POLICIES};
use self::question::Answer;
use self::report::Report;

pub use self::options::ProbeOptions;

/// What every policy of a probe is called, before a part that differs from run to run.
const NAME: &str = "terraform-provider-defender probe";

/// How many times the probe tries to delete a policy.
const DELETE_ATTEMPTS: u32 = 5;

/// The pause between two attempts to delete a policy, or to find one whose create got no answer.
const DELETE_PAUSE: Duration = Duration::from_secs(2);

/// Runs the command and writes its report to `out`.
///
/// The exit status is 0 if the probe ran to its end, even if it skipped questions, and 1 if it could not run, was
/// interrupted or left a policy behind.
pub fn run(environment: Environment, options: &ProbeOptions, out: &mut dyn Write) -> ExitCode {
    let name = format!("{NAME} {}", Uuid::new_v4());
    let (text, success) =
        if options.yes { probe(environment, options, name) } else { (report::dry_run(options, &name), true) };
    // The reader may have closed the pipe. The exit status is still right.
    let _ = out.write_all(text.as_bytes());
    if success { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn probe(environment: Environment, options: &ProbeOptions, name: String) -> (String, bool) {
    match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => {
            let probed = runtime.block_on(probe_async(environment, options, name));
            // A thread may be blocked on a file of an unavailable drive.
            runtime.shutdown_background();
            probed
        }
        Err(error) => (format!("The probe cannot start: {error}\n"), false),
    }
}

async fn probe_async(environment: Environment, options: &ProbeOptions, name: String) -> (String, bool) {
    let interrupted = Arc::new(AtomicBool::new(false));
    if let Err(error) = signals::watch(Arc::clone(&interrupted)) {
        return (format!("The probe cannot watch for Ctrl-C: {error}\n"), false);
    }
    let work = tokio::task::spawn_blocking(move || provider::from_environment(&environment));
    let prepared = match work.await {
        Ok(Ok(prepared)) => prepared,
        Ok(Err(diagnostics)) => return (report::invalid_inputs(&diagnostics), false),
        Err(error) => return (format!("The probe failed: {error}\n"), false),
    };
    let mut access = Access::new(prepared.graph.clone(), name, options.groups.clone(), interrupted);
    let mut halt = None;
    if let Err(stopped) = ask(&mut access).await {
        halt = Some(stopped);
    }
    let left_behind = clean_up(&mut access).await;
    let answers = topics::TOPICS.iter().flat_map(|topic| topic.questions);
    let answers: Vec<Answer> = answers.map(|question| access.answer(question.id)).collect();
    let report = Report {
        graph_root: prepared.cloud.graph(),
        name: &access.name,
        answers: &answers,
        halt: halt.as_ref(),
        left_behind: &left_behind,
        lost_create: access.lost_create,
    };
    let success = halt.is_none() && left_behind.is_empty();
    (if options.json { report.json() } else { report.text() }, success)
}

async fn ask(access: &mut Access) -> Result<(), Halt> {
    for group in access.groups.clone() {
        refuse_members(access, &group).await?;
    }
    topics::ask_all(access).await
}

/// A policy that is assigned to a group with members would reach them.
async fn refuse_members(access: &Access, group: &str) -> Result<(), Halt> {
    let members = Request::get(ApiVersion::V1, &["groups", group, "transitiveMembers"]);
    let seen = access.send(members.query("$select", "id").query("$top", "1")).await?;
    match (seen.is_success(), seen.rows().is_empty()) {
        (true, true) => Ok(()),
        (true, false) => {
            Err(Halt::Impossible(format!("The group {group} has members. Name a group without members.")))
        }
        (false, _) => Err(Halt::Impossible(format!(
            "It is not known whether the group {group} has members: {} {} Reading them needs GroupMember.Read.All.",
            seen.brief(),
            seen.message
        ))),
    }
}

/// Deletes every policy of this run, also one whose create got no answer. Returns the ids that are left.
async fn clean_up(access: &mut Access) -> Vec<String> {
    for attempt in 0..DELETE_ATTEMPTS {
        if attempt > 0 {
            tokio::time::sleep(DELETE_PAUSE).await;
        }
        let found_all = find_lost(access).await;
        for policy in access.created.clone() {
            // What is left is reported.
            let _ = access.delete(&policy).await;
        }
        // A policy whose create got no answer may appear later.
        if access.created.is_empty() && found_all && !access.lost_create {
            break;
        }
    }
    access.created.iter().map(|policy| policy.id().to_owned()).collect()
}

/// Adds policies with the name of this run that are not known. Returns whether the list could be read.
async fn find_lost(access: &mut Access) -> bool {
    let list = Request::get(ApiVersion::Beta, &POLICIES)
        .query("$select", "id,displayName")
        .query("$filter", format!("displayName eq '{}'", access.name));
    let Ok(seen) = access.send_even_if_interrupted(list).await else { return false };
    let text = |row: &Value, name: &str| row.get(name).and_then(Value::as_str).map(str::to_owned);
    for row in seen.rows() {
        if let (Some(id), Some(name)) = (text(row, "id"), text(row, "displayName")) {
            access.adopt(&id, &name);
        }
    }
    seen.is_success()
}
