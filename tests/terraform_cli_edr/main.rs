//! Scenarios of `tests/terraform_cli` with EDR policies: life cycle, drift, guards, imports, failures, and that no secret is
//! shown. `support/kind.rs` translates configurations, arguments and outputs. The other scenarios are about signing in, the
//! process and the command line, which know no kind, or about texts and lists that only device configurations have.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a scenario fails by panicking, and this target prints its own report"
)]

#[path = "../terraform_cli/harness.rs"]
mod harness;
#[path = "../terraform_cli/scenarios.rs"]
mod scenarios;
#[path = "../support/for_terraform_cli.rs"]
mod support;

/// The files whose scenarios run for this kind as well.
const GROUPS: [&str; 7] = ["drift", "failures", "guards", "import", "lifecycle", "secrets", "targets"];

fn main() {
    let is_common = |name: &str| GROUPS.iter().any(|group| name.starts_with(&format!("{group}::")));
    harness::run(scenarios::all().into_iter().filter(|(name, _)| is_common(name)).collect());
}
