//! A write whose answer drips: a blank every two seconds, without end. The exchange has a limit of two minutes; then the
//! policy is read, and shows whether the write took effect.
//!
//! The limit cannot be shortened from outside, so this scenario takes two minutes.

use std::time::{Duration, Instant};

use serde_json::json;

use super::before;
use crate::scenarios::processes::lead_a_process_group;
use crate::scenarios::stage::Stage;
use crate::support::command::Running;
use crate::support::processes;
use crate::support::tenant::POLICY;
use crate::support::wait;

/// The longest that one exchange takes.
const LIMIT: Duration = Duration::from_mins(2);
/// From the end of the exchange to the end of the command.
const PROMISED: Duration = Duration::from_secs(2);
/// What a busy machine may add.
const SLACK: Duration = Duration::from_secs(5);

pub fn a_write_whose_answer_drips_ends_and_an_interrupt_is_obeyed_then() {
    let stage = Stage::new();
    stage.assign(&before());
    stage.emulator.fault(&json!({"match": {"method": "POST", "path": "/assign"}, "drip": "2s"}));
    let mut command = stage.folder.command(&["apply", "-auto-approve"]);
    lead_a_process_group(&mut command);
    let running = Running::start(command);
    assert!(wait::until(wait::BOUND, || stage.emulator.assign_calls() > 0), "the write should be sent");
    let begun = Instant::now();
    processes::signal("INT", -i64::from(running.process.id()));
    let finished = running.finish();
    let took = begun.elapsed();
    println!("ended {took:?} after the write was sent");
    assert!(took < LIMIT + PROMISED + SLACK, "{took:?}");
    assert_eq!(finished.code, Some(1), "an interrupted command is no success");
    stage.folder.must_be_left_clean();
    stage.emulator.must_hold(POLICY, &before());
    stage.state_must_equal_tenant();
    stage.plan().must_be_empty();
}
