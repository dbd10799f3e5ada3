//! Samples CPU and memory of the provider processes of one command in `/proc`. Knows nothing about Terraform.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// Short compared with the life of a process, long compared with the cost of a sample. Frequent samples would slow
/// down all processes.
const SAMPLE_INTERVAL: Duration = Duration::from_millis(20);

/// Samples in a background thread until it is stopped.
pub struct Watch {
    is_over: Arc<AtomicBool>,
    looking: JoinHandle<Cost>,
}

/// The CPU time of all processes, and the peak memory of the largest.
#[derive(Default)]
pub struct Cost {
    pub cpu_milliseconds: f64,
    pub peak_kib: f64,
}

impl Watch {
    /// Starts sampling. Counts every process that runs `program` and starts later.
    pub fn begin(program: &Path) -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&is_over);
        let program = program.to_owned();
        let here_before = processes();
        let looking = thread::spawn(move || {
            let mut seen: BTreeMap<u32, Cost> = BTreeMap::new();
            while !flag.load(Ordering::Relaxed) {
                for id in processes().difference(&here_before).filter(|id| runs(**id, &program)) {
                    // If the process has exited, its previous sample counts.
                    seen.extend(sample(*id).map(|cost| (*id, cost)));
                }
                thread::sleep(SAMPLE_INTERVAL);
            }
            seen.into_values().fold(Cost::default(), |sum, cost| Cost {
                cpu_milliseconds: sum.cpu_milliseconds + cost.cpu_milliseconds,
                peak_kib: sum.peak_kib.max(cost.peak_kib),
            })
        });
        Self { is_over, looking }
    }

    pub fn end(self) -> Cost {
        self.is_over.store(true, Ordering::Relaxed);
        self.looking.join().unwrap()
    }
}

fn processes() -> BTreeSet<u32> {
    let entries = fs::read_dir("/proc").unwrap().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
}

fn runs(id: u32, program: &Path) -> bool {
    fs::read_link(format!("/proc/{id}/exe")).is_ok_and(|running| running == program)
}

fn sample(id: u32) -> Option<Cost> {
    let threads = fs::read_dir(format!("/proc/{id}/task")).ok()?;
    let nanoseconds = threads.flatten().filter_map(|thread| {
        let text = fs::read_to_string(thread.path().join("schedstat")).ok()?;
        text.split(' ').next()?.parse::<f64>().ok()
    });
    let status = fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let cpu_milliseconds = nanoseconds.sum::<f64>() / 1e6;
    Some(Cost { cpu_milliseconds, peak_kib: peak.trim().trim_end_matches(" kB").parse().ok()? })
}
