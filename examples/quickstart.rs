//! The main use case in one command, offline: real Terraform, the real provider, and the emulator instead of a
//! tenant.
//!
//! Runs the steps and checks the result of each. The configuration is in `quickstart/*.tf`, the tenant in
//! `quickstart/tenant.json`.
//!
//! ```text
//! cargo run --example quickstart [-- --terraform PATH] [--keep]
//! ```
#![allow(clippy::print_stdout, reason = "prints its progress")]

use std::error::Error;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

#[path = "quickstart/binaries.rs"]
mod binaries;
#[path = "quickstart/emulator.rs"]
mod emulator;
#[path = "quickstart/interrupt.rs"]
mod interrupt;
#[path = "quickstart/plan.rs"]
mod plan;
#[path = "quickstart/terraform.rs"]
mod terraform;

use emulator::Emulator;
use interrupt::Interrupt;
use terraform::Folder;

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// The ids, in `tenant.json`, of the policy that is changed in the portal and of the two groups of that change.
const PRODUCTION: &str = "8d2b94f7-1c3e-4f60-a5d9-e7b08c6f3a42";
const MADRID: &str = "d3b2e4f6-8c90-4e3a-ab57-4bf206c8da03";
const CONTRACTORS: &str = "f5d40618-aeb2-405c-cd79-6d1428eafc05";

const PLAN_EMPTY: i32 = 0;
const PLAN_HAS_CHANGES: i32 = 2;

/// Plan, apply, drift, repair and destroy of Defender assignments, against an emulated tenant.
#[derive(Parser)]
#[command(name = "quickstart")]
struct Arguments {
    /// Terraform or OpenTofu, as a path or name. The default is terraform, or else tofu, from the PATH.
    #[arg(long, value_name = "PATH")]
    terraform: Option<PathBuf>,
    /// Keep the working folder and print how to continue by hand.
    #[arg(long)]
    keep: bool,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => {
            println!("\nDone: every step succeeded.");
            ExitCode::SUCCESS
        }
        Err(error) => {
            // An error is ignored, because stderr may be a closed pipe.
            let _ = writeln!(io::stderr(), "\nThe quickstart failed: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Outcome {
    println!("Building the provider and the emulator, if necessary ...");
    let binaries = binaries::build()?;
    let program = terraform::find(arguments.terraform.as_deref(), &binaries.provider)?;
    let interrupt = Interrupt::watch()?;
    let emulator = Emulator::start(&binaries.emulator)?;
    let folder = Folder::prepare(program, &binaries.provider, emulator.address(), interrupt)?;
    let result = run_steps(&folder, &emulator);
    if arguments.keep {
        println!("\n{}", folder.keep(&binaries.emulator));
    }
    result
}

fn run_steps(folder: &Folder, emulator: &Emulator) -> Outcome {
    // Without `init`, which would search a registry for the provider of the development override.
    heading("1. Plan: the changes that Terraform would make");
    folder.terraform(&["plan", "-detailed-exitcode"], PLAN_HAS_CHANGES)?;

    heading("2. Apply: the assignments of two policies");
    folder.terraform(&["apply", "-auto-approve"], 0)?;

    heading("3. Plan again: no changes");
    folder.terraform(&["plan", "-detailed-exitcode"], PLAN_EMPTY)?;

    heading("4. The production policy is changed in the portal");
    println!("\"Workstations - Madrid\" is removed, \"Contractor laptops\" is added.");
    emulator.swap_group_in_portal(PRODUCTION, MADRID, CONTRACTORS)?;

    heading("5. Plan: the drift, target by target");
    folder.terraform(&["plan", "-detailed-exitcode", "-out=drift.tfplan"], PLAN_HAS_CHANGES)?;
    let change = plan::only_change(&folder.show_json("drift.tfplan")?)?;
    change.must_be("defender_atp_assignment.production", &[CONTRACTORS], &[MADRID])?;
    println!("As expected: exactly one target is removed ({CONTRACTORS}) and one added ({MADRID}).");

    heading("6. Apply that plan: the drift is repaired");
    folder.terraform(&["apply", "drift.tfplan"], 0)?;
    emulator.must_assign_directly(PRODUCTION, MADRID)?;
    folder.terraform(&["plan", "-detailed-exitcode"], PLAN_EMPTY)?;

    heading("7. Destroy: no direct assignments are left");
    folder.terraform(&["destroy", "-auto-approve"], 0)?;
    emulator.must_keep_only_policy_sets(PRODUCTION)
}

fn heading(text: &str) {
    println!("\n=== {text} ===");
}
