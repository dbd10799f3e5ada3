//! Graph asks to wait: a large apply beyond Intune's limits, and Ctrl-C while a pause is waited out.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::processes::lead_a_process_group;
use super::stage::{Stage, assignment, assignment_for_each};
use crate::support::command::{Finished, Running};
use crate::support::emulator::Emulator;
use crate::support::processes;
use crate::support::target::Target;
use crate::support::tenant::{POLICY, Tenant, WORKSTATIONS};
use crate::support::wait;

/// What Graph asks for below, and what an interrupted command must be far from taking.
const ASKED_FOR: u64 = 60;
const FAR_LESS: Duration = Duration::from_secs(15);

pub fn three_hundred_creates_pass_the_limits_of_intune() {
    let ids: Vec<_> =
        (0..300).map(|number| format!("40000000-0000-4000-8000-000000000{number:03}")).collect();
    let tenant = ids.iter().fold(Tenant::default(), |tenant, id| tenant.with_policy(id));
    let stage = Stage::with_emulator(Emulator::start_with(&tenant, &["--limits"]));
    stage.configure(&assignment_for_each(&ids, &[Target::group(WORKSTATIONS)]));
    let begun = Instant::now();
    stage.folder.run(&["apply", "-auto-approve", "-parallelism=10"]).succeeds();
    let refused = stage.emulator.calls_answered(429);
    let writes = refused.iter().filter(|call| call.ends_with("/assign")).count();
    println!("300 creates: {} answers 429 ({writes} to writes), {:?}", refused.len(), begun.elapsed());
    assert!(refused.len() < 30, "{refused:#?}");
    assert!(writes > 0, "the limit of 100 writes in 20 seconds should have been met");
    assert_eq!(
        stage.emulator.calls_answered(200).iter().filter(|call| call.ends_with("/assign")).count(),
        300
    );
}

pub fn interrupt_while_an_apply_waits_out_a_pause() {
    let stage = Stage::new();
    stage.configure(&assignment(POLICY, &[Target::group(WORKSTATIONS)]));
    stage.emulator.fault(&asks_to_wait("POST", "/assign"));
    let finished = interrupted(&stage, &["apply", "-auto-approve"]);
    finished.fails_with(&["the operation was interrupted", "Nothing was written"]);
    assert_eq!(stage.folder.run(&["state", "list"]).succeeds().stdout, "", "nothing is tainted");
    stage.emulator.must_hold(POLICY, &[]);

    stage.emulator.no_more_faults();
    stage.apply_assigned(&[Target::group(WORKSTATIONS)]);
    stage.emulator.must_hold(POLICY, &[Target::group(WORKSTATIONS)]);
}

/// With `plan`: while an apply refreshes, Terraform (1.11) does not pass an interrupt on, and waits for the read.
pub fn interrupt_while_a_refresh_waits_out_a_pause() {
    let stage = Stage::new();
    stage.apply_assigned(&[Target::group(WORKSTATIONS)]);
    let before = stage.state();
    stage.emulator.fault(&asks_to_wait("GET", "/assignments"));
    let finished = interrupted(&stage, &["plan"]);
    assert_eq!(finished.code, Some(1), "{}", finished.stdout);
    stage.emulator.no_more_faults();
    assert_eq!(stage.state(), before);
    stage.plan().must_be_empty();
}

fn asks_to_wait(method: &str, path: &str) -> Value {
    let wait = ASKED_FOR.to_string();
    json!({"match": {"method": method, "path": path}, "times": null, "status": 429, "retryAfter": wait})
}

/// Runs a command until Graph has asked it to wait, and interrupts it as a terminal does: the signal goes to Terraform
/// and to the provider at once.
fn interrupted(stage: &Stage, arguments: &[&str]) -> Finished {
    let mut command = stage.folder.command(arguments);
    lead_a_process_group(&mut command);
    let running = Running::start(command);
    let asked = wait::until(wait::BOUND, || !stage.emulator.calls_answered(429).is_empty());
    assert!(asked, "the command should reach Graph");
    let begun = Instant::now();
    processes::signal("INT", -i64::from(running.process.id()));
    let finished = running.finish();
    let took = begun.elapsed();
    println!("{arguments:?} ended {took:?} after the interrupt");
    assert!(took < FAR_LESS, "{took:?} of {ASKED_FOR} seconds");
    stage.folder.must_be_left_clean();
    finished
}
