//! The provider's binary: parses arguments, installs logging, and serves. Everything else is in the library.

use std::process::ExitCode;

use terraform_provider_defender::check::{self, Purpose};
use terraform_provider_defender::plugin::arguments::{self, Command};
use terraform_provider_defender::plugin::{self, core_dumps, help, log};
use terraform_provider_defender::probe::{self, ProbeOptions};
use terraform_provider_defender::protocol::service::ProviderService;
use terraform_provider_defender::provider::{Environment, Provider};

fn main() -> ExitCode {
    core_dumps::disable();
    match arguments::parse(std::env::args_os().skip(1)) {
        Ok(Command::Serve(mode)) => {
            log::install();
            let provider = Provider::new(environment());
            plugin::serve(mode, Provider::ADDRESS, ProviderService::new(provider))
        }
        Ok(Command::Check { plans_only }) => {
            let purpose = if plans_only { Purpose::PlanOnly } else { Purpose::PlanAndApply };
            check::run(environment(), purpose, &mut std::io::stdout())
        }
        Ok(Command::Probe { yes, json, groups }) => {
            probe::run(environment(), &ProbeOptions { yes, json, groups }, &mut std::io::stdout())
        }
        Ok(Command::Help) => help::print(&help::usage()),
        Ok(Command::Version) => help::print(&help::version()),
        Err(unknown) => help::report_unknown_argument(&unknown),
    }
}

fn environment() -> Environment {
    Box::new(|variable| std::env::var(variable).ok())
}
