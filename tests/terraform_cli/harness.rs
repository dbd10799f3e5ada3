//! Runs scenarios as tests with names, filters and a report.

use std::env;

use libtest_mimic::{Arguments, Failed, Trial};

use crate::scenarios::Scenario;
use crate::support;

/// Runs the scenarios and ends the process.
pub fn run(scenarios: Vec<Scenario>) {
    let mut arguments = Arguments::from_args();
    // A scenario also waits. More of them at once would disturb those that interrupt Terraform.
    arguments.test_threads = arguments.test_threads.or(Some(4));
    libtest_mimic::run(&arguments, trials(scenarios)).exit();
}

/// Without Terraform, all scenarios are ignored and one trial fails with the reason.
fn trials(scenarios: Vec<Scenario>) -> Vec<Trial> {
    let skip = env::var("DEFENDER_SKIP_TERRAFORM_TESTS").is_ok_and(|value| value == "1");
    if skip {
        println!(
            "DEFENDER_SKIP_TERRAFORM_TESTS=1: {} scenarios with real Terraform are skipped.",
            scenarios.len()
        );
    }
    let present = support::terraform::program().is_some();
    let mut trials: Vec<_> = scenarios
        .into_iter()
        .map(|scenario| {
            let ignored = skip || !present || (cfg!(not(unix)) && needs_unix(scenario.0));
            trial(scenario, ignored)
        })
        .collect();
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

/// Scenarios with signals, with process groups, or with a shell script in place of the provider.
fn needs_unix(name: &str) -> bool {
    ["interrupts::", "kills::", "processes::", "time_outs::"].iter().any(|group| name.starts_with(group))
        || name.contains("interrupt")
        || name == "provider::nothing_on_standard_error_unless_asked"
}

const MISSING: &str = "neither terraform nor tofu runs, so no scenario can. Install one of them, name its path in \
                       DEFENDER_TERRAFORM, or set DEFENDER_SKIP_TERRAFORM_TESTS=1 to go without.";
