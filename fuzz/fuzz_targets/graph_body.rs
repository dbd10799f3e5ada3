//! The libFuzzer target of `bodies/graph_body.rs`.

#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../bodies/graph_body.rs"]
mod body;

fuzz_target!(|bytes: &[u8]| body::run(bytes));
