//! The main job in one command, offline: real Terraform, the real provider, and the emulator in place of a tenant.
//!
//! Owns the story and what must be true after each step. The configuration is in `quickstart/*.tf`, the tenant in
//! `quickstart/tenant.json`; how binaries are built and programs are run is in the modules beside them.
//!
//! ```text
//! cargo run --example quickstart [-- --terraform PATH] [--keep]
//! ```
#![allow(clippy::print_stdout, reason = "an example talks to the person who runs it")]

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

/// The policy that somebody changes in the portal, and the two groups of that change: ids of `tenant.json`.
const PRODUCTION: &str = "8d2b94f7-1c3e-4f60-a5d9-e7b08c6f3a42";
const MADRID: &str = "d3b2e4f6-8c90-4e3a-ab57-4bf206c8da03";
const CONTRACTORS: &str = "f5d40618-aeb2-405c-cd79-6d1428eafc05";

const PLAN_EMPTY: i32 = 0;
const PLAN_HAS_CHANGES: i32 = 2;

/// Plan, apply, drift, repair and destroy of Defender assignments, against an emulated tenant.
#[derive(Parser)]
#[command(name = "quickstart")]
struct Arguments {
    /// Terraform or OpenTofu: a path or a name. Without it: terraform, else tofu, from the PATH.
    #[arg(long, value_name = "PATH")]
    terraform: Option<PathBuf>,
    /// Keep the working folder, and say how to go on in it by hand.
    #[arg(long)]
    keep: bool,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => {
            println!("\nDone: every step went as it should.");
            ExitCode::SUCCESS
        }
        Err(error) => {
            // Standard error may be a closed pipe; there is nobody left to tell then.
            let _ = writeln!(io::stderr(), "\nThe quickstart stopped: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Outcome {
    println!("Building the provider and the emulator, if that is still to be done ...");
    let binaries = binaries::build()?;
    let program = terraform::find(arguments.terraform.as_deref(), &binaries.provider)?;
    let interrupt = Interrupt::watch()?;
    let emulator = Emulator::start(&binaries.emulator)?;
    let folder = Folder::prepare(program, &binaries.provider, emulator.address(), interrupt)?;
    let told = tell(&folder, &emulator);
    if arguments.keep {
        println!("\n{}", folder.keep(&binaries.emulator));
    }
    told
}

fn tell(folder: &Folder, emulator: &Emulator) -> Outcome {
    // No `init`: the provider comes from a development override, and `init` would look for it in a registry.
    heading("1. Plan: what Terraform would do");
    folder.terraform(&["plan", "-detailed-exitcode"], PLAN_HAS_CHANGES)?;

    heading("2. Apply: the assignments of two policies");
    folder.terraform(&["apply", "-auto-approve"], 0)?;

    heading("3. Plan again: nothing to do");
    folder.terraform(&["plan", "-detailed-exitcode"], PLAN_EMPTY)?;

    heading("4. Somebody changes the production policy in the portal");
    println!("\"Workstations - Madrid\" is taken out, \"Contractor laptops\" is put in.");
    emulator.swap_group_in_portal(PRODUCTION, MADRID, CONTRACTORS)?;

    heading("5. Plan: the drift, target by target");
    folder.terraform(&["plan", "-detailed-exitcode", "-out=drift.tfplan"], PLAN_HAS_CHANGES)?;
    let change = plan::only_change(&folder.show_json("drift.tfplan")?)?;
    change.must_be("defender_atp_assignment.production", &[CONTRACTORS], &[MADRID])?;
    println!("As expected: exactly one target leaves ({CONTRACTORS}) and one returns ({MADRID}).");

    heading("6. Apply that plan: the drift is repaired");
    folder.terraform(&["apply", "drift.tfplan"], 0)?;
    emulator.must_assign_directly(PRODUCTION, MADRID)?;
    folder.terraform(&["plan", "-detailed-exitcode"], PLAN_EMPTY)?;

    heading("7. Destroy: nobody is assigned directly any more");
    folder.terraform(&["destroy", "-auto-approve"], 0)?;
    emulator.must_keep_only_policy_sets(PRODUCTION)
}

fn heading(text: &str) {
    println!("\n=== {text} ===");
}
