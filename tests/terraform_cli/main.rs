//! Scenarios with real Terraform, the provider's binary and the emulator. Each scenario has its own tenant and processes, so
//! scenarios run concurrently.
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

mod harness;
#[path = "scenarios.rs"]
mod scenarios;
#[path = "../support/for_terraform_cli.rs"]
mod support;

fn main() {
    harness::run(scenarios::all());
}
