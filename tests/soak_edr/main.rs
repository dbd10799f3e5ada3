//! The soak of `tests/soak` with EDR policies, for the other half of the seeds. `support/kind.rs` translates what it
//! sends and expects.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail loudly"
)]

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

#[path = "../soak/checks.rs"]
mod checks;
#[path = "../soak/clock.rs"]
mod clock;
#[path = "../soak/faults.rs"]
mod faults;
#[path = "../soak/model.rs"]
mod model;
#[path = "../soak/operations.rs"]
mod operations;
#[path = "../soak/run.rs"]
mod run;
#[path = "../soak/seeds.rs"]
mod seeds;
#[path = "../soak/world.rs"]
mod world;
