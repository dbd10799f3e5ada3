//! An apply that stands still in the middle: its write is held on the way, and Terraform and the provider wait for it.
//! What happens to them then is the scenarios' business.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::guards::must_refuse;
use super::processes::lead_a_process_group;
use super::stage::{ADDRESS, Stage, assignment, assignment_with, elements, set};
use crate::support::command::Running;
use crate::support::gate::{Gate, HeldWrite, Place};
use crate::support::processes::{self, PROVIDER};
use crate::support::target::Target;
use crate::support::tenant::{KIOSKS, LAPTOPS, POLICY, WORKSTATIONS};
use crate::support::wait;

const LOG: &str = "provider.log";

/// A stage whose provider reaches the emulator through a gate, and logs to a file: a Terraform that stands still
/// passes no logs on.
pub struct GatedStage {
    pub stage: Stage,
    gate: Gate,
}

/// An apply whose write is held.
pub struct HeldApply {
    pub terraform: Running,
    /// The id of the provider's process.
    pub provider: u32,
    pub write: HeldWrite,
}

/// Changes of one policy that follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    Create,
    Update,
    Delete,
}

pub const OPERATIONS: [Operation; 3] = [Operation::Create, Operation::Update, Operation::Delete];

impl Operation {
    /// What the policy has before.
    pub fn from(self) -> Vec<Target> {
        match self {
            Self::Create => Vec::new(),
            Self::Update => Self::Create.to(),
            Self::Delete => Self::Update.to(),
        }
    }

    /// What the policy is to have.
    pub fn to(self) -> Vec<Target> {
        match self {
            Self::Create => vec![Target::group(WORKSTATIONS), Target::group(LAPTOPS)],
            Self::Update => vec![Target::group(WORKSTATIONS), Target::exclusion(KIOSKS)],
            Self::Delete => Vec::new(),
        }
    }
}

impl GatedStage {
    pub fn new() -> Self {
        let mut stage = Stage::new();
        let gate = Gate::before(stage.emulator.origin());
        stage.folder.set("DEFENDER_GRAPH_ENDPOINT", gate.origin());
        let folder = stage.folder.path().join("provider");
        install_logging_provider(&folder, &stage.folder.path().join(LOG));
        stage.folder.use_provider_from(&folder);
        Self { stage, gate }
    }

    /// Configures what the operation is to bring about; more lines go into the resource.
    pub fn configure(&self, operation: Operation, more: &str) {
        self.stage.configure(&match operation {
            Operation::Delete => String::new(),
            _ => assignment_with(POLICY, &set(&operation.to()), more),
        });
    }

    /// Begins to apply the configuration, in a process group of its own and with an empty log.
    pub fn start_apply(&self) -> Running {
        fs::write(self.stage.folder.path().join(LOG), "").unwrap();
        let mut command = self.stage.folder.command(&["apply", "-auto-approve"]);
        lead_a_process_group(&mut command);
        Running::start(command)
    }

    /// Applies the configuration until its write is held.
    pub fn hold_apply(&self, place: Place) -> HeldApply {
        let write = self.gate.hold_next_write(place);
        let terraform = self.start_apply();
        write.must_come();
        let provider = self.provider();
        HeldApply { terraform, provider, write }
    }

    /// Fails unless neither policy nor state have anything of the operation.
    pub fn must_be_unchanged(&self, operation: Operation, state_before: &Value) {
        self.stage.emulator.must_hold(POLICY, &operation.from());
        assert_eq!(self.stage.state(), *state_before, "{operation:?}");
    }

    /// Fails unless the policy has nothing of an operation whose outcome was open, and the state says so. A create then
    /// leaves what was read back.
    pub fn must_be_read_back(&self, operation: Operation, state_before: &Value) {
        if operation != Operation::Create {
            return self.must_be_unchanged(operation, state_before);
        }
        self.stage.emulator.must_hold(POLICY, &operation.from());
        assert!(elements(&self.stage.state(), "assignments").is_empty());
    }

    /// Fails unless policy and state are as the operation wants them.
    pub fn must_be_done(&self, operation: Operation) {
        self.stage.emulator.must_hold(POLICY, &operation.to());
        match operation {
            Operation::Delete => assert!(self.stage.state().is_null()),
            _ => self.stage.state_must_equal_tenant(),
        }
    }

    /// Applies again, undisturbed, and fails unless that completes the operation with so many writes.
    pub fn must_complete(&self, operation: Operation, writes: usize) {
        self.stage.emulator.no_more_faults();
        let sent_before = self.stage.emulator.assign_calls();
        self.stage.folder.apply().succeeds();
        assert_eq!(self.stage.emulator.assign_calls() - sent_before, writes, "{operation:?}");
        self.must_be_done(operation);
    }

    /// What a create has left that no state knows of: the plan refuses it and prints the block that adopts it. Fails
    /// unless that works without a write.
    pub fn must_adopt(&self, operation: Operation) {
        let stage = &self.stage;
        stage.emulator.no_more_faults();
        let sent_before = stage.emulator.assign_calls();
        let refused = must_refuse(stage, &["plan"], &["import {"]);
        let import = refused.printed_block("import").replace("defender_atp_assignment.NAME", ADDRESS);
        stage.configure(&format!("{import}{}", assignment(POLICY, &operation.to())));
        stage.folder.apply().succeeds().says(&["1 imported, 0 added, 0 changed, 0 destroyed"]);
        assert_eq!(stage.emulator.assign_calls(), sent_before);
        self.must_be_done(operation);
    }

    /// Returns when the provider has given Terraform its answer: it says so, and then has nothing more to do.
    pub fn wait_until_applied(&self, provider: u32) {
        self.wait_for_record(&["\"served request\"", "\"ApplyResourceChange\""]);
        let idle = wait::until(wait::BOUND, || processes::is_idle(provider));
        assert!(idle, "the provider should come to rest");
    }

    /// Returns when the provider has heard that Terraform wants to stop.
    pub fn wait_until_told_to_stop(&self) {
        self.wait_for_record(&["Terraform asks running calls to stop"]);
    }

    /// Returns when the provider has begun to wait as Graph has asked.
    pub fn wait_until_paused(&self) {
        self.wait_for_record(&[
            "Microsoft Graph is throttling; all requests of this throttling bucket pause",
        ]);
    }

    /// Returns when a record with these texts is in the log of the apply.
    fn wait_for_record(&self, texts: &[&str]) {
        let is_there = || {
            let log = self.stage.folder.read(LOG);
            log.lines().any(|line| texts.iter().all(|text| line.contains(text)))
        };
        assert!(wait::until(wait::BOUND, is_there), "{texts:?} in:\n{}", self.stage.folder.read(LOG));
    }

    /// The process that applies. Those that have planned may still be on their way out.
    fn provider(&self) -> u32 {
        let marker = self.stage.folder.marker();
        let mut found = Vec::new();
        wait::until(wait::BOUND, || {
            found = processes::providers_marked(&marker);
            found.len() == 1
        });
        let [provider] = found[..] else { panic!("one provider process expected, not {found:?}") };
        provider
    }
}

/// A script that becomes the provider, logging everything into a file.
fn install_logging_provider(folder: &Path, log: &Path) {
    fs::create_dir(folder).unwrap();
    let program = folder.join("terraform-provider-defender");
    let script =
        format!("#!/bin/sh\nTF_LOG_PROVIDER=TRACE exec '{PROVIDER}' \"$@\" 2>>'{}'\n", log.display());
    fs::write(&program, script).unwrap();
    make_executable(&program);
}

#[cfg(unix)]
fn make_executable(program: &Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(program, fs::Permissions::from_mode(0o700)).unwrap();
}

#[cfg(not(unix))]
fn make_executable(_program: &Path) {}
