//! Writes the generated pages of the registry documentation, or lists the stale ones. `docs/pages` generates the
//! pages; of the guides in `docs/guides`, only the reference of the emulator is generated.
//!
//! ```text
//! cargo run --example docs [-- --check]
//! ```
#![allow(clippy::print_stdout, reason = "prints its results")]

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;

#[path = "docs/pages/mod.rs"]
mod pages;

use pages::{Outcome, Page, Site};

/// Generates the registry documentation from the provider's schema, the templates in examples/docs/templates and the
/// examples.
#[derive(Parser)]
#[command(name = "docs")]
struct Arguments {
    /// List the stale files instead of writing them. Exit status 1 if there are any.
    #[arg(long)]
    check: bool,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(code) => code,
        Err(error) => {
            // An error is ignored, because stderr may be a closed pipe.
            let _ = writeln!(io::stderr(), "The documentation cannot be generated: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Outcome<ExitCode> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let site = Site::of_provider(root)?;
    let (stale, leftover) = (site.stale(root), site.leftover(root)?);
    if arguments.check {
        return Ok(report(&stale, &leftover));
    }
    for page in stale {
        let file = root.join(&page.path);
        file.parent().map_or(Ok(()), fs::create_dir_all)?;
        fs::write(file, &page.text)?;
        println!("written: {}", page.path);
    }
    for path in leftover {
        fs::remove_file(root.join(&path))?;
        println!("removed: {path}");
    }
    Ok(ExitCode::SUCCESS)
}

fn report(stale: &[&Page], leftover: &[String]) -> ExitCode {
    for page in stale {
        println!("stale: {}", page.path);
    }
    for path in leftover {
        println!("leftover: {path}");
    }
    if stale.is_empty() && leftover.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
