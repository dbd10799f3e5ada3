//! Real Terraform, the real provider and the emulator: what a person sees. One process per command and one tenant
//! per scenario, so scenarios run side by side.
//!
//! `DEFENDER_TERRAFORM` names the program (otherwise `terraform`, then `tofu`, from the PATH);
//! `DEFENDER_SKIP_TERRAFORM_TESTS=1` skips all of it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a scenario fails by panicking, and this target prints its own report"
)]

use std::env;

use libtest_mimic::{Arguments, Failed, Trial};
use scenarios::Scenario;

#[path = "scenarios.rs"]
mod scenarios;
#[path = "../support/for_terraform_cli.rs"]
mod support;

fn main() {
    let arguments = Arguments::from_args();
    libtest_mimic::run(&arguments, trials(scenarios::all())).exit();
}

/// Without Terraform, one trial that says so stands for all of them.
fn trials(scenarios: Vec<Scenario>) -> Vec<Trial> {
    let skip = env::var("DEFENDER_SKIP_TERRAFORM_TESTS").is_ok_and(|value| value == "1");
    if skip {
        println!(
            "DEFENDER_SKIP_TERRAFORM_TESTS=1: {} scenarios with real Terraform are skipped.",
            scenarios.len()
        );
    }
    let present = support::terraform::program().is_some();
    let mut trials: Vec<_> =
        scenarios.into_iter().map(|scenario| trial(scenario, skip || !present)).collect();
    if !present && !skip {
        trials.insert(0, Trial::test("terraform_or_opentofu_is_there", || Err(Failed::from(MISSING))));
    }
    trials
}

fn trial((name, scenario): Scenario, ignored: bool) -> Trial {
    let run = move || {
        scenario();
        Ok(())
    };
    Trial::test(name, run).with_ignored_flag(ignored)
}

const MISSING: &str = "neither terraform nor tofu runs, so no scenario can. Install one of them, name its path in \
                       DEFENDER_TERRAFORM, or set DEFENDER_SKIP_TERRAFORM_TESTS=1 to go without.";
