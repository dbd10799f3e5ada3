//! Prints the conditions of a measurement: date, machine and binary.

use std::fs;

/// Prints date, machine, and the binary with its size.
pub fn print(runs: usize, binary: &str) {
    let date = time::OffsetDateTime::now_utc().date();
    let cores = std::thread::available_parallelism().unwrap();
    println!("{date}, {cores} cores of {}, load {}", processor(), load());
    let bytes = fs::metadata(binary).unwrap().len();
    println!("binary: {bytes} bytes (limit: 10485760), {} {}", build(), env!("CARGO_PKG_VERSION"));
    println!("{runs} runs of each, in turn\n");
}

fn processor() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap();
    let model = text.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or(": unknown");
    model.trim_start_matches([' ', '\t', ':']).to_owned()
}

/// The load of the last minute. If it exceeds the number of cores, other processes distort the figures.
fn load() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap();
    text.split(' ').next().unwrap().to_owned()
}

fn build() -> &'static str {
    if cfg!(debug_assertions) { "DEBUG build of" } else { "release build of" }
}
