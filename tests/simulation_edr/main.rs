//! The simulation of `tests/simulation` with EDR policies, for the other half of the seeds. `support/kind.rs` translates
//! what it sends and expects.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail loudly"
)]

#[path = "../support/directory.rs"]
#[allow(dead_code, reason = "shared with the tests of signing in, which need more of it")]
mod directory;
#[path = "../support/in_process.rs"]
#[allow(dead_code, reason = "shared with the tests of single methods, which need more of it")]
mod in_process;
#[path = "../support/target.rs"]
#[allow(dead_code, reason = "the tenant is built from it")]
mod target;
#[path = "../support/tenant.rs"]
#[allow(dead_code, reason = "shared with the scenarios of the command line, which need more of it")]
mod tenant;

#[path = "../simulation/apply.rs"]
mod apply;
#[path = "../simulation/assignment.rs"]
mod assignment;
#[path = "../simulation/beginning.rs"]
mod beginning;
#[path = "../simulation/change.rs"]
mod change;
#[path = "../simulation/clock.rs"]
mod clock;
#[path = "../simulation/configuration.rs"]
mod configuration;
#[path = "../simulation/conform.rs"]
mod conform;
#[path = "../simulation/draw.rs"]
mod draw;
#[path = "../simulation/expectation.rs"]
mod expectation;
#[path = "../simulation/faults.rs"]
mod faults;
#[path = "../simulation/interference.rs"]
mod interference;
#[path = "../simulation/invariant.rs"]
mod invariant;
#[path = "../simulation/ledger.rs"]
mod ledger;
#[path = "../simulation/life.rs"]
mod life;
#[path = "../simulation/plan.rs"]
mod plan;
#[path = "../simulation/process.rs"]
mod process;
#[path = "../simulation/run.rs"]
mod run;
#[path = "../simulation/seeds.rs"]
mod seeds;
#[path = "../simulation/state.rs"]
mod state;
#[path = "../simulation/turns.rs"]
mod turns;
#[path = "../simulation/values.rs"]
mod values;
#[path = "../simulation/walk.rs"]
mod walk;
#[path = "../simulation/watch.rs"]
mod watch;
#[path = "../simulation/world.rs"]
mod world;
