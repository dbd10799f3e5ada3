//! One page, or several in a row, in one shell. The shell stops at the first command that fails.

use std::fs::{self, File};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{self, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::{env, fmt::Write as _};

use super::page::{Page, Step};
use super::repository::Repository;

const DEFAULT_ADDRESS: &str = "127.0.0.1:8400";
/// Stands before the output of each step, with the step's number.
const MARK: &str = "=== step ";

pub fn walk(pages: &[Page]) {
    let Some(terraform) = terraform() else { return };
    let port = free_port();
    let address = format!("127.0.0.1:{port}");
    let steps: Vec<Step> = pages.iter().flat_map(Page::steps).collect();
    let repository = Repository::copy(port, &terraform);
    let script = script(&steps, &address).replace(DEFAULT_ADDRESS, &address);
    let (succeeded, output) = run(&script, &repository);
    let name = &pages.last().unwrap().path;
    assert!(succeeded, "{name}: the last of these commands failed\n{output}");
    for (number, step) in steps.iter().enumerate() {
        if let Step::Output(expected) = step {
            let shown = output_before(&output, &steps, number);
            if let Some(line) = first_missing(&expected.replace(DEFAULT_ADDRESS, &address), shown) {
                panic!("{name} shows a line that the commands do not print:\n{line}\n\nThey print:\n{shown}");
            }
        }
    }
}

/// The program that all tests with real Terraform use; none if such tests are skipped.
fn terraform() -> Option<PathBuf> {
    if env::var_os("DEFENDER_SKIP_TERRAFORM_TESTS").is_some_and(|value| value == "1") {
        return None;
    }
    let candidates = match env::var("DEFENDER_TERRAFORM") {
        Ok(program) => vec![program],
        Err(_) => vec!["terraform".to_owned(), "tofu".to_owned()],
    };
    let folders: Vec<PathBuf> = env::split_paths(&env::var_os("PATH").unwrap_or_default()).collect();
    let found = candidates
        .iter()
        .find_map(|name| folders.iter().map(|folder| folder.join(name)).find(|file| file.is_file()));
    Some(found.unwrap_or_else(|| panic!("none of {candidates:?} is on the PATH")))
}

/// A free port below 32768. Systems give higher ports to outgoing connections, so a higher port could be in use again
/// before the emulator listens.
fn free_port() -> u16 {
    static TAKEN: AtomicU16 = AtomicU16::new(0);
    let first = 20_000 + u16::try_from(process::id() % 10_000).unwrap();
    let mut candidates = (0..1_000).map(|_| first + TAKEN.fetch_add(1, Ordering::Relaxed));
    candidates.find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()).unwrap()
}

/// Everything as one script, so that folders and variables hold from block to block.
fn script(steps: &[Step], address: &str) -> String {
    let mut script = "set -euo pipefail\ntrap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n".to_owned();
    for (number, step) in steps.iter().enumerate() {
        match step {
            Step::File { name, text } => {
                let _ = write!(
                    script,
                    "mkdir -p \"$(dirname {name})\"\ncat > {name} <<'END_OF_FILE'\n{text}END_OF_FILE\n"
                );
            }
            Step::Commands(commands) => {
                let _ = write!(script, "echo '{MARK}{number}'\n{}", commands_of(commands, address));
            }
            Step::Output(_) => {}
        }
    }
    script
}

/// A block that ends the shell gets one of its own. A reader takes a moment after the emulator's start and end; the
/// script waits instead.
fn commands_of(block: &str, address: &str) -> String {
    if block.contains("\nexit ") {
        return format!("(\n{block})\n");
    }
    let mut commands = block.to_owned();
    if block.contains("defender-graph-emulator") {
        let _ = write!(
            commands,
            "for _ in $(seq 200); do\n  curl -s http://{address}/_emulator/semantics >/dev/null && break\n  \
             sleep 0.05\ndone\n"
        );
    }
    if block.contains("kill %") {
        commands.push_str("wait || true\n");
    }
    commands
}

/// Whether the script succeeded, and all it printed, on both streams.
fn run(script: &str, repository: &Repository) -> (bool, String) {
    let log = repository.below("output");
    let (output, errors) = (File::create(&log).unwrap(), File::options().append(true).open(&log).unwrap());
    drop(output);
    let output = errors.try_clone().unwrap();
    let path = format!("{}:{}", repository.below("bin").display(), env::var("PATH").unwrap());
    let status = Command::new("bash")
        .args(["-c", script])
        .current_dir(repository.below("repository"))
        .env_clear()
        .envs([("PATH", path.as_str()), ("CHECKPOINT_DISABLE", "1")])
        .env("HOME", repository.below("home"))
        .env("TMPDIR", repository.below("tmp"))
        .stdin(Stdio::null())
        .stdout(output)
        .stderr(errors)
        .status()
        .unwrap();
    (status.success(), without_colors(&fs::read_to_string(log).unwrap()))
}

/// Terraform colors its output even in a file: `ESC [ 1 m`.
fn without_colors(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let first = parts.next().unwrap_or_default().to_owned();
    let rest = parts.map(|part| part.split_once('m').map_or(part, |(_, text)| text));
    first + &rest.collect::<String>()
}

/// What the nearest commands before this step have printed.
fn output_before<'a>(output: &'a str, steps: &[Step], number: usize) -> &'a str {
    let before = steps[..number].iter().rposition(|step| matches!(step, Step::Commands(_)));
    let mark = format!("{MARK}{}\n", before.unwrap_or_else(|| panic!("output before all commands")));
    let (_, after) = output.split_once(&mark).unwrap();
    after.split(MARK).next().unwrap()
}

/// The first expected line that does not follow the lines before it. White space at the ends, and empty lines, do not
/// count.
fn first_missing<'a>(expected: &'a str, shown: &str) -> Option<&'a str> {
    let mut shown = shown.lines().map(str::trim);
    let mut expected = expected.lines().filter(|line| !line.trim().is_empty());
    expected.find(|line| !shown.any(|candidate| candidate.contains(line.trim())))
}
