//! The libFuzzer target of `bodies/msgpack.rs`.

#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../bodies/msgpack.rs"]
mod body;
#[path = "../bodies/size.rs"]
mod size;

fuzz_target!(|bytes: &[u8]| body::run(bytes));
