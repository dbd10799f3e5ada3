//! The probe is interrupted at random points and leaves nothing behind.

use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::json;
use terraform_provider_defender::emulator::Options;

use crate::world::*;

const RUNS: u32 = 50;

#[test]
fn an_interrupted_probe_leaves_no_policy_behind() {
    let emulator = emulator(Options { latency: Duration::from_millis(1), ..defaults() });
    // Now and then the answer to a create is lost besides.
    let rule =
        json!({"match": {"method": "POST", "path": "/deviceConfigurations", "skip": 40}, "cut": "after"});
    emulator.faults(&json!([rule, rule, rule])).unwrap();
    let start = Instant::now();
    run(&emulator, &["--yes", "--group", GROUP]);
    let whole = start.elapsed();
    let mut interrupted = 0;
    for number in 0..RUNS {
        let probe = command(&emulator, &["--yes", "--group", GROUP]).spawn().unwrap();
        let share = whole.mul_f64(f64::from(number) / f64::from(RUNS));
        std::thread::sleep(share);
        let signal = if number % 2 == 0 { "-INT" } else { "-TERM" };
        let _ = Command::new("kill").args([signal, &probe.id().to_string()]).status().unwrap();
        let output = probe.wait_with_output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        interrupted += u32::from(text.contains("Interrupted. No further question was asked."));
        must_be_clean(&emulator);
    }
    assert!(interrupted >= RUNS / 4, "only {interrupted} of {RUNS} were interrupted");
}
