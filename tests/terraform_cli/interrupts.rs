//! Ctrl-C in the middle of an apply: it ends as soon as the running call can be left, and the state says what is
//! there. A write under way is such a call until its answer has come or is lost; a pause can be left at once.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::mid_apply::{GatedStage, HeldApply, OPERATIONS, Operation};
use crate::support::command::{Finished, Running};
use crate::support::gate::{HeldWrite, Place};
use crate::support::processes::signal;

/// From the moment at which the running call can be left to the end of the command.
const PROMISED: Duration = Duration::from_secs(2);

/// What an interrupted write has left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Left {
    /// All of it.
    InForce,
    /// Nothing, and that is certain.
    Unchanged,
    /// Nothing, as a read has shown.
    ReadBack,
}

pub fn during_a_write_that_succeeds() {
    each_during_a_write(Place::BeforeTheAnswer, &json!([]), HeldWrite::let_pass, Left::InForce);
}

pub fn during_a_write_whose_answer_is_lost() {
    each_during_a_write(Place::BeforeTheAnswer, &json!([]), drop, Left::InForce);
}

pub fn during_a_write_that_is_lost() {
    each_during_a_write(Place::BeforeTheEffect, &json!([]), drop, Left::ReadBack);
}

pub fn during_a_write_that_is_asked_to_wait() {
    each_during_a_write(Place::BeforeTheAnswer, &asks_to_wait(), HeldWrite::let_pass, Left::Unchanged);
}

/// With the second interrupt a person gives up waiting, and Terraform leaves without the provider's answer.
pub fn twice_during_a_write() {
    let gated = GatedStage::new();
    for operation in OPERATIONS {
        gated.configure(operation, "");
        let HeldApply { terraform, write, .. } = gated.hold_apply(Place::BeforeTheAnswer);
        interrupt(&terraform);
        gated.wait_until_told_to_stop();
        interrupt(&terraform);
        let finished = terraform.finish();
        finished.fails_with(&["Two interrupts received"]);
        gated.stage.folder.must_be_left_clean();
        drop(write);
        if operation == Operation::Create {
            gated.must_adopt(operation);
        } else {
            gated.must_complete(operation, 0);
        }
    }
}

pub fn during_a_pause() {
    let gated = GatedStage::new();
    for operation in OPERATIONS {
        let before = gated.stage.state();
        gated.configure(operation, "");
        gated.stage.emulator.fault(&asks_to_wait());
        let terraform = gated.start_apply();
        gated.wait_until_paused();
        let begun = Instant::now();
        interrupt(&terraform);
        let finished = ended_in_time(terraform, begun, operation);
        finished.fails_with(&["the operation was interrupted", "Nothing was written"]);
        gated.must_be_unchanged(operation, &before);
        gated.must_complete(operation, 1);
    }
}

/// Interrupts each operation while its write is held, lets the write end in this way, and looks whether the state
/// tells the truth.
fn each_during_a_write(place: Place, fault: &Value, end: fn(HeldWrite), left: Left) {
    let gated = GatedStage::new();
    for operation in OPERATIONS {
        let before = gated.stage.state();
        gated.configure(operation, "");
        gated.stage.emulator.fault(fault);
        let HeldApply { terraform, write, .. } = gated.hold_apply(place);
        interrupt(&terraform);
        gated.wait_until_told_to_stop();
        let begun = Instant::now();
        end(write);
        let finished = ended_in_time(terraform, begun, operation);
        assert_eq!(finished.code, Some(1), "an interrupted command is no success");
        match left {
            Left::InForce => gated.must_be_done(operation),
            Left::Unchanged => gated.must_be_unchanged(operation, &before),
            Left::ReadBack => gated.must_be_read_back(operation, &before),
        }
        gated.must_complete(operation, usize::from(left != Left::InForce));
    }
}

/// As a terminal does it: the signal goes to Terraform and to the provider at once.
fn interrupt(terraform: &Running) {
    signal("INT", -i64::from(terraform.process.id()));
}

fn ended_in_time(terraform: Running, begun: Instant, operation: Operation) -> Finished {
    let finished = terraform.finish();
    let took = begun.elapsed();
    println!("{operation:?} ended {took:?} after it could be left");
    assert!(took < PROMISED, "{took:?}");
    finished
}

fn asks_to_wait() -> Value {
    json!({"match": {"method": "POST", "path": "/assign"}, "times": null, "status": 429, "retryAfter": "60"})
}
