//! Finds the provider processes of one scenario by a marker variable in their environment. Reads /proc, so it finds
//! nothing outside of Linux.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::Command;

/// The variable that marks a scenario's processes.
pub const MARKER: &str = "DEFENDER_TEST_SCENARIO";

/// The binary under test.
pub const PROVIDER: &str = env!("CARGO_BIN_EXE_terraform-provider-defender");

/// The ids of the provider processes with this marker.
pub fn providers_marked(marker: &str) -> Vec<u32> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    let ids = entries.flatten().filter_map(|entry| process_id(&entry.file_name()));
    ids.filter(|id| runs_provider(*id) && carries(*id, marker)).collect()
}

/// Sends a signal such as `INT` to one process, or to a whole group if `id` is negative.
pub fn signal(name: &str, id: i64) {
    let status = Command::new("kill").args(["-s", name, "--", &id.to_string()]).status();
    assert!(status.is_ok_and(|status| status.success()), "kill -s {name} -- {id}");
}

/// Whether every thread of a process is sleeping, so that it makes no progress by itself.
pub fn is_idle(id: u32) -> bool {
    is_in_state(id, 'S')
}

/// Whether every thread of a process is stopped, which may take a while after the signal.
pub fn is_stopped(id: u32) -> bool {
    is_in_state(id, 'T')
}

fn is_in_state(id: u32, state: char) -> bool {
    let threads = fs::read_dir(format!("/proc/{id}/task")).into_iter().flatten().flatten();
    let mut states = threads.map(|thread| fs::read_to_string(thread.path().join("stat")).unwrap_or_default());
    // The name before the state is in parentheses and may contain parentheses itself.
    states.all(|stat| stat.rsplit(") ").next().is_some_and(|rest| rest.starts_with(state)))
}

fn process_id(name: &OsStr) -> Option<u32> {
    name.to_str()?.parse().ok()
}

fn runs_provider(id: u32) -> bool {
    fs::read_link(format!("/proc/{id}/exe")).is_ok_and(|program| program == Path::new(PROVIDER))
}

fn carries(id: u32, marker: &str) -> bool {
    let wanted = format!("{MARKER}={marker}");
    let environment = fs::read(format!("/proc/{id}/environ")).unwrap_or_default();
    environment.split(|byte| *byte == 0).any(|variable| variable == wanted.as_bytes())
}
