//! Measures the start of the provider: starts the binary repeatedly like Terraform, with mutual TLS, and compares it
//! with a minimal process on the same machine.
//!
//! `cargo bench --bench startup`, with `-- --runs 200` for another number of starts and `-- --binary PATH` for
//! another build of the provider. Linux only, because it reads `/proc`.

// A bench may stop at the first surprise.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
// Prints the results.
#![allow(clippy::print_stdout)]

#[cfg(target_os = "linux")]
#[path = "startup/measure.rs"]
mod measure;

fn main() {
    #[cfg(target_os = "linux")]
    measure::main();
    #[cfg(not(target_os = "linux"))]
    println!("This bench runs on Linux only.");
}
