//! The tables of `tests/faults` for EDR policies: every fault with every operation, and the same guide.
//! `support/kind.rs` translates what the tests send and expect.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail loudly"
)]

#[path = "../support/closed_port.rs"]
mod closed_port;
#[path = "../support/directory.rs"]
#[allow(dead_code, reason = "shared with tests that sign in in other ways")]
mod directory;
#[path = "../support/http.rs"]
mod http;
#[path = "../support/in_process.rs"]
#[allow(dead_code, reason = "shared with the tests of single methods, which need more of it")]
mod in_process;
#[path = "../support/scene.rs"]
#[allow(dead_code, reason = "shared with the tests of single methods, which need more of it")]
mod scene;
#[path = "../support/target.rs"]
#[allow(dead_code, reason = "shared with the scenarios of the command line, which need more of it")]
mod target;
#[path = "../support/tenant.rs"]
#[allow(dead_code, reason = "shared with the scenarios of the command line, which need more of it")]
mod tenant;

#[macro_use]
#[path = "../faults/macros.rs"]
mod macros;

#[path = "../faults/behaviour.rs"]
mod behaviour;
#[path = "../faults/case.rs"]
mod case;
#[path = "../faults/clock.rs"]
mod clock;
#[path = "../faults/ending.rs"]
mod ending;
#[path = "../faults/guide.rs"]
mod guide;
#[path = "../faults/reading.rs"]
mod reading;
#[path = "../faults/relay.rs"]
mod relay;
#[path = "../faults/trial.rs"]
mod trial;
#[path = "../faults/writing.rs"]
mod writing;
