//! The libFuzzer target of `bodies/state_json.rs`.

#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../bodies/state_json.rs"]
mod body;
#[path = "../bodies/size.rs"]
mod size;

fuzz_target!(|bytes: &[u8]| body::run(bytes));
