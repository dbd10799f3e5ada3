//! CPU time and memory of a running process, from `/proc`.

use std::fs;

/// A sample.
pub struct Process {
    /// The CPU time of all threads since the start of the process.
    pub cpu_milliseconds: f64,
    /// Resident memory, including mapped parts of the binary.
    pub resident_kib: f64,
}

impl Process {
    pub fn sample(id: u32) -> Self {
        Self { cpu_milliseconds: cpu_milliseconds(id), resident_kib: resident_kib(id) }
    }
}

/// Reads `schedstat`, whose first number is in nanoseconds. The times in `stat` have a resolution of only 10 ms.
fn cpu_milliseconds(id: u32) -> f64 {
    let threads = fs::read_dir(format!("/proc/{id}/task")).unwrap();
    let nanoseconds = threads.map(|thread| {
        let text = fs::read_to_string(thread.unwrap().path().join("schedstat")).unwrap();
        text.split(' ').next().unwrap().parse::<f64>().unwrap()
    });
    nanoseconds.sum::<f64>() / 1e6
}

fn resident_kib(id: u32) -> f64 {
    let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}
