//! Runs the commands of the README and of the guides about offline testing, adoption, drift and rings: in order, as printed,
//! in a copy of the repository, with real Terraform against the emulator. A command that fails, or output that differs from
//! what the page shows, fails the test.
//!
//! A page needs no markup for this:
//!
//! | block | what the test does |
//! | --- | --- |
//! | `sh`, `shell` | runs the commands, in one shell for the page |
//! | the same with `#!`, and `terraform`, `hcl`, `json` | writes the file if the paragraph before names it and ends with a colon: "Save this as `main.tf`:" |
//! | `text` | expects these lines in this order, in the output of the commands before |

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail loudly")]

mod page;
mod repository;
mod walk;

use page::Page;
use walk::walk;

const OFFLINE_TESTING: &str = "docs/guides/offline-testing.md";

#[test]
fn readme() {
    // One block signs in to a tenant, the other runs this test.
    walk(&[Page::read("README.md").without("ARM_CLIENT_SECRET=...").without("cargo test")]);
}

#[test]
fn offline_testing() {
    walk(&[Page::read(OFFLINE_TESTING)]);
}

#[test]
fn adoption() {
    let set_up = Page::read(OFFLINE_TESTING).section("## Set up");
    walk(&[set_up, Page::read("docs/guides/adopting-existing-assignments.md")]);
}

#[test]
fn drift_detection() {
    let set_up = Page::read(OFFLINE_TESTING).section("## Set up");
    walk(&[set_up, Page::read("docs/guides/drift-detection.md")]);
}

#[test]
fn rings() {
    let set_up = Page::read(OFFLINE_TESTING).section("## Set up");
    walk(&[set_up, Page::read("docs/guides/rings.md")]);
}
