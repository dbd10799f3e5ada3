//! Searches for a combination of configurations, plans, runs and faults that loses an assignment.
//!
//! Each seed draws a small world: up to four policies, up to four resources, one or two provider configurations, and
//! a version of Terraform. Between runs a user changes something; during runs others do, or something fails. Every
//! call goes to the real gRPC service, every request of the provider to the emulator, all in this process. After each
//! run one promise is checked: the applied plan showed every assignment that was removed, or the run failed with an error
//! and the state is correct.
//!
//! `SIMULATION_SEED=7` runs one seed and prints its story, `SIMULATION_SEEDS=20000` runs that many instead of 2,000.
//! A world in which calls take turns, as most do, follows from its seed alone. Nothing sleeps, apart from the
//! milliseconds in which reads gather for a batch.
//!
//! | part | files |
//! | --- | --- |
//! | what is drawn | `draw` (worlds), `change` (what a user does), `interference` and `faults` (what goes wrong) |
//! | Terraform's core | `walk`, `plan` and `apply` with `turns`, `process`, `conform`; `configuration`, `state`, `values` |
//! | the tenant | `world` with `watch`, `ledger` and `clock`; `assignment` (policies and targets) |
//! | one life | `life` (all runs of a seed), `beginning`, `run` (plan and apply) |
//! | the checks | `invariant` (nothing is lost), `expectation` (nothing is refused that should pass) |

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

mod apply;
mod assignment;
mod beginning;
mod change;
mod clock;
mod configuration;
mod conform;
mod draw;
mod expectation;
mod faults;
mod interference;
mod invariant;
mod ledger;
mod life;
mod plan;
mod process;
mod run;
mod seeds;
mod state;
mod turns;
mod values;
mod walk;
mod watch;
mod world;
