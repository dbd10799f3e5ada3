//! `-debug`: one provider process that a person started serves command after command.

use std::io::{BufRead, BufReader};
use std::process::Command;

use serde_json::Value;

use super::stage::Stage;
use crate::support::child::Child;
use crate::support::processes::{self, PROVIDER};
use crate::support::target::Target;
use crate::support::tenant::{KIOSKS, POLICY, WORKSTATIONS};
use crate::support::terraform::Folder;
use crate::support::wait;

pub fn several_commands_share_one_process() {
    let mut stage = Stage::new();
    let mut debug = DebugProvider::serve(&mut stage);
    assert_eq!(debug.reattach["defender-atp/defender"]["Pid"], debug.process.id());

    stage.apply_assigned(&[Target::group(WORKSTATIONS)]);
    stage.emulator.must_hold(POLICY, &[Target::group(WORKSTATIONS)]);
    stage.apply_assigned(&[Target::group(WORKSTATIONS), Target::exclusion(KIOSKS)]);
    stage.folder.destroy().succeeds();
    stage.emulator.must_hold(POLICY, &[]);
    assert!(debug.process.try_wait().unwrap().is_none(), "the process outlives the commands");

    debug.interrupt();
}

pub struct DebugProvider {
    process: Child,
    /// The value that `TF_REATTACH_PROVIDERS` is to get.
    reattach: Value,
}

impl DebugProvider {
    /// One for all further commands of the stage.
    pub fn serve(stage: &mut Stage) -> Self {
        let debug = Self::start(&stage.folder);
        stage.folder.use_no_provider();
        stage.folder.set("TF_REATTACH_PROVIDERS", debug.reattach.to_string());
        debug
    }

    /// Ctrl-C in the person's terminal ends it; the folder then checks that nothing is left.
    pub fn interrupt(mut self) {
        processes::signal("INT", i64::from(self.process.id()));
        assert!(wait::for_exit(&mut self.process, wait::BOUND).is_some(), "Ctrl-C ends the process");
    }

    /// The provider's environment is the folder's: Terraform's own settings reach it only through the process.
    fn start(folder: &Folder) -> Self {
        let mut command = Command::new(PROVIDER);
        command.arg("-debug");
        folder.isolate(&mut command);
        let mut process = Child(command.spawn().unwrap());
        let mut output = BufReader::new(process.stdout.take().unwrap());
        let reattach = reattach_value(&mut output);
        process.stdout = Some(output.into_inner());
        Self { process, reattach }
    }
}

/// The first JSON object in what the provider prints for the person.
fn reattach_value(output: &mut impl BufRead) -> Value {
    for line in output.lines() {
        let line = line.unwrap();
        let braces = line.find('{').zip(line.rfind('}'));
        if let Some(value) = braces.and_then(|(start, end)| serde_json::from_str(&line[start..=end]).ok()) {
            return value;
        }
    }
    panic!("-debug should print the value of TF_REATTACH_PROVIDERS")
}
