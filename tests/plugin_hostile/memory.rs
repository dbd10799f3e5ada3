//! Memory use of a process, from `/proc`. Outside of Linux, nothing is asserted.

use std::fmt;

#[derive(Debug, Clone, Copy)]
pub struct Memory {
    /// `VmRSS`
    resident_kib: Option<u64>,
    /// `VmHWM`
    peak_kib: Option<u64>,
}

impl Memory {
    pub fn of(process: u32) -> Self {
        let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.trim().trim_end_matches(" kB").parse().ok()
        };
        assert!(!cfg!(target_os = "linux") || !status.is_empty(), "the process has exited");
        Self { resident_kib: field("VmRSS:"), peak_kib: field("VmHWM:") }
    }

    /// Fails if the process uses more than the allowance above `before`.
    pub fn must_not_exceed(self, before: Self, allowance_kib: u64) {
        if let (Some(now), Some(before)) = (self.resident_kib, before.resident_kib) {
            assert!(now <= before + allowance_kib, "{before} KiB before, {now} KiB now");
        }
    }

    /// Fails if the process ever used more than the limit.
    pub fn must_have_peaked_below(self, bound_kib: u64) {
        if let Some(peak) = self.peak_kib {
            assert!(peak <= bound_kib, "{peak} KiB at most");
        }
    }
}

/// `15 MiB, 20 MiB at most`
impl fmt::Display for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mib = |kib: Option<u64>| kib.unwrap_or_default() / 1024;
        write!(f, "{} MiB, {} MiB at most", mib(self.resident_kib), mib(self.peak_kib))
    }
}
