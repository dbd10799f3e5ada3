//! The libFuzzer target of `bodies/link.rs`.

#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../bodies/link.rs"]
mod body;

fuzz_target!(|bytes: &[u8]| body::run(bytes));
