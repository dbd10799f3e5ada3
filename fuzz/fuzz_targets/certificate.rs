//! The libFuzzer target of `bodies/certificate.rs`.

#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../bodies/certificate.rs"]
mod body;

fuzz_target!(|bytes: &[u8]| body::run(bytes));
