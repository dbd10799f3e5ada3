//! Commands that end badly. Every folder checks, when it goes, that no provider process and no socket is left; here
//! that check meets Ctrl-C and a killed Terraform.

use super::stage::{Stage, assignment_for_each};
use crate::support::command::Running;
use crate::support::emulator::Emulator;
use crate::support::processes;
use crate::support::target::Target;
use crate::support::tenant::{Tenant, WORKSTATIONS};
use crate::support::wait;

pub fn interrupt_during_a_slow_apply_leaves_nothing() {
    let (stage, terraform) = slow_apply();
    // As a terminal does it: the signal goes to Terraform and to the provider at once.
    processes::signal("INT", -i64::from(terraform.process.id()));
    let finished = terraform.finish();
    assert!(finished.stdout.contains("Interrupt received"), "{}", finished.stdout);
    stage.folder.must_be_left_clean();
    // Whatever was done is known: the state can be used, and the next apply completes the work.
    stage.folder.apply().succeeds();
    for id in policies() {
        stage.emulator.must_hold(&id, &[Target::group(WORKSTATIONS)]);
    }
}

pub fn killed_terraform_leaves_nothing() {
    let (stage, mut terraform) = slow_apply();
    terraform.process.kill().unwrap();
    drop(terraform.finish());
    stage.folder.must_be_left_clean();
}

/// An apply of several policies, one after the other, that has reached Graph and has more to do. It leads a process
/// group of its own.
fn slow_apply() -> (Stage, Running) {
    let ids = policies();
    let tenant = ids.iter().fold(Tenant::default(), |tenant, id| tenant.with_policy(id));
    let stage = Stage::with_emulator(Emulator::start_with(&tenant, &["--latency", "500ms"]));
    stage.configure(&assignment_for_each(&ids, &[Target::group(WORKSTATIONS)]));
    let mut command = stage.folder.command(&["apply", "-auto-approve", "-parallelism=1"]);
    lead_a_process_group(&mut command);
    let running = Running::start(command);
    let at_graph = wait::until(wait::BOUND, || !stage.emulator.calls().is_empty());
    assert!(at_graph, "the apply should reach Graph");
    (stage, running)
}

fn policies() -> Vec<String> {
    (0..8).map(|number| format!("30000000-0000-4000-8000-0000000000{number:02}")).collect()
}

#[cfg(unix)]
pub fn lead_a_process_group(command: &mut std::process::Command) {
    use std::os::unix::process::CommandExt;
    command.process_group(0);
}

#[cfg(not(unix))]
pub fn lead_a_process_group(_command: &mut std::process::Command) {}
