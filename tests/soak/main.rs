//! Runs many concurrent operations under random faults and compares each step with a model of the tenant and of
//! Terraform's state. A seed determines everything except the order in which concurrent requests are served.
//!
//! `SOAK_SEED=n` runs one seed; `SOAK_SEEDS=n` runs n seeds instead of 200. Nothing sleeps: the clock jumps to the end
//! of each pause.
//!
//! | part | files |
//! | --- | --- |
//! | what is drawn | `operations` (what Terraform does), `faults` (what goes wrong) |
//! | what is expected | `model` (the tenant and Terraform's state), `checks` (after each step and at the end) |
//! | what runs | `run` (the steps of a seed), `world` (provider, emulator, state), `clock` |

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

mod checks;
mod clock;
mod faults;
mod model;
mod operations;
mod run;
mod seeds;
mod world;
