//! The emulator against independent clients: azure-identity, Microsoft's beta SDK and IntuneCD, as they
//! come from PyPI, with Microsoft's own addresses. A proxy leads them to the emulator.
//!
//! Where Python or PyPI is missing, every trial is ignored and the reason is printed. `DEFENDER_SKIP_OTHER_CLIENTS=1` skips
//! them, too.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a trial fails by panicking, and this target prints its own report"
)]

mod proxy;
mod python;
mod scenarios;
#[allow(dead_code, reason = "shared with the scenarios of the command line, which need more of it")]
#[path = "../support/for_terraform_cli.rs"]
mod support;
mod world;

use libtest_mimic::{Arguments, Trial};
use python::Python;
use scenarios::{SCENARIOS, Scenario};

fn main() {
    let arguments = Arguments::from_args();
    let skip = std::env::var("DEFENDER_SKIP_OTHER_CLIENTS").is_ok_and(|value| value == "1");
    let python = if arguments.list || skip { Err("skipped".to_owned()) } else { Python::prepare() };
    if let Err(reason) = &python {
        println!("The {} trials with other clients are ignored: {reason}", SCENARIOS.len());
    }
    let trials =
        SCENARIOS.into_iter().map(|scenario| trial(scenario, python.as_ref().ok().cloned())).collect();
    libtest_mimic::run(&arguments, trials).exit();
}

fn trial((name, scenario): Scenario, python: Option<Python>) -> Trial {
    let ignored = python.is_none();
    let run = move || {
        if let Some(python) = &python {
            scenario(python);
        }
        Ok(())
    };
    Trial::test(name, run).with_ignored_flag(ignored)
}
