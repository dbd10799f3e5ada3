//! The provider's binary: arguments, log set-up, one call to serve. Everything else is in the library.

use std::process::ExitCode;

use terraform_provider_defender::plugin::arguments::{self, Request};
use terraform_provider_defender::plugin::{self, help, log};
use terraform_provider_defender::protocol::service::Service;
use terraform_provider_defender::provider::Provider;

fn main() -> ExitCode {
    match arguments::parse(std::env::args_os().skip(1)) {
        Ok(Request::Serve(mode)) => {
            log::install();
            let provider = Provider::new(Box::new(|variable| std::env::var(variable).ok()));
            plugin::serve(mode, Provider::ADDRESS, Service::new(provider))
        }
        Ok(Request::Help) => help::print(&help::usage()),
        Ok(Request::Version) => help::print(&help::version()),
        Err(unknown) => help::refuse(&unknown),
    }
}
