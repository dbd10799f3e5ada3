//! The provider's binary: arguments, log set-up, one call to serve. Everything else is in the library.

use std::process::ExitCode;

use terraform_provider_defender::check::{self, Scope};
use terraform_provider_defender::plugin::arguments::{self, Request};
use terraform_provider_defender::plugin::{self, core_dumps, help, log};
use terraform_provider_defender::protocol::service::Service;
use terraform_provider_defender::provider::{Environment, Provider};

fn main() -> ExitCode {
    core_dumps::switch_off();
    match arguments::parse(std::env::args_os().skip(1)) {
        Ok(Request::Serve(mode)) => {
            log::install();
            let provider = Provider::new(environment());
            plugin::serve(mode, Provider::ADDRESS, Service::new(provider))
        }
        Ok(Request::Check { plans_only }) => {
            let scope = if plans_only { Scope::Plans } else { Scope::Applies };
            check::run(environment(), scope, &mut std::io::stdout())
        }
        Ok(Request::Help) => help::print(&help::usage()),
        Ok(Request::Version) => help::print(&help::version()),
        Err(unknown) => help::refuse(&unknown),
    }
}

fn environment() -> Environment {
    Box::new(|variable| std::env::var(variable).ok())
}
