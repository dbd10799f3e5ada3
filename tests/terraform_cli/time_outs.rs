//! A time-out in the middle of an apply: the state says what is there, and the next apply writes only what is missing.

use serde_json::{Value, json};

use super::mid_apply::{GatedStage, HeldApply, OPERATIONS};
use crate::support::gate::Place;

/// What each operation has, and what the service takes longer than that.
const TIME_OUTS: &str = "  timeouts {\n    create = \"1s\"\n    update = \"1s\"\n    delete = \"1s\"\n  }";
const LONGER: &str = "1200ms";
/// Far more than there is.
const ASKED_FOR: &str = "60";

pub fn a_slow_write_is_waited_for() {
    let gated = GatedStage::new();
    for operation in OPERATIONS {
        gated.configure(operation, TIME_OUTS);
        gated.stage.emulator.fault(&write(&json!({"delay": LONGER})));
        gated.stage.folder.apply().succeeds();
        gated.must_be_done(operation);
        gated.must_complete(operation, 0);
    }
}

pub fn a_lost_answer_is_looked_up() {
    let gated = GatedStage::new();
    for operation in OPERATIONS {
        gated.configure(operation, TIME_OUTS);
        gated.stage.emulator.fault(&write(&json!({"delay": LONGER, "afterEffect": true})));
        let HeldApply { terraform, write, .. } = gated.hold_apply(Place::BeforeTheAnswer);
        drop(write);
        terraform.finish().succeeds();
        gated.must_be_done(operation);
        gated.must_complete(operation, 0);
    }
}

pub fn a_pause_that_would_outlast_it_is_not_begun() {
    let asks_to_wait = write(&json!({"status": 429, "retryAfter": ASKED_FOR}));
    each_fails_under(&asks_to_wait, &["no time left for the next pause", "Nothing was written"]);
}

pub fn slow_reads_end_before_the_write() {
    let slow_reads =
        json!({"match": {"method": "GET", "path": "/assignments"}, "times": null, "delay": LONGER});
    each_fails_under(&slow_reads, &["Nothing was written"]);
}

fn each_fails_under(fault: &Value, texts: &[&str]) {
    let gated = GatedStage::new();
    for operation in OPERATIONS {
        let before = gated.stage.state();
        gated.configure(operation, TIME_OUTS);
        gated.stage.emulator.fault(fault);
        gated.stage.folder.apply().fails_with(texts);
        gated.stage.emulator.no_more_faults();
        gated.must_be_unchanged(operation, &before);
        gated.must_complete(operation, 1);
    }
}

/// A fault that the next write meets.
fn write(effect: &Value) -> Value {
    let mut rule = effect.clone();
    rule["match"] = json!({"method": "POST", "path": "/assign"});
    rule
}
