//! What the provider's processes of one command cost, looked up in `/proc` while they run. Knows no Terraform.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// Short beside the life of a process, long beside the cost of a look: looks that follow each other closely slow down
/// everything that runs, the floor most of all.
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

/// Looks again and again until it is asked for the sum.
pub struct Watch {
    is_over: Arc<AtomicBool>,
    looking: JoinHandle<Cost>,
}

/// Of all processes together; the memory is that of the largest.
#[derive(Default)]
pub struct Cost {
    pub cpu_milliseconds: f64,
    pub peak_kib: f64,
}

impl Watch {
    /// Every process counts that runs `program` and begins after this.
    pub fn begin(program: &Path) -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&is_over);
        let program = program.to_owned();
        let here_before = processes();
        let looking = thread::spawn(move || {
            let mut seen: BTreeMap<u32, Cost> = BTreeMap::new();
            while !flag.load(Ordering::Relaxed) {
                for id in processes().difference(&here_before).filter(|id| runs(**id, &program)) {
                    // Gone in the meantime: the look before counts.
                    seen.extend(look(*id).map(|cost| (*id, cost)));
                }
                thread::sleep(BETWEEN_LOOKS);
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

fn look(id: u32) -> Option<Cost> {
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
