//! What the kernel tells about a running process. No measuring of time on the clock.

use std::fs;

/// One look.
pub struct Process {
    /// All threads, since the process was made.
    pub cpu_milliseconds: f64,
    /// Memory that is in use and in RAM, the mapped parts of the binary included.
    pub resident_kib: f64,
}

impl Process {
    pub fn look(id: u32) -> Self {
        Self { cpu_milliseconds: cpu_milliseconds(id), resident_kib: resident_kib(id) }
    }
}

/// From `schedstat`, whose first number is nanoseconds. The times in `stat` count in steps of 10 ms.
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
