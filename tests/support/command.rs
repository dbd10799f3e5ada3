//! A started command and what it leaves: exit code and text, with the expectations that every scenario has of them.

use std::io::Read;
use std::process::Command;
use std::thread::{self, JoinHandle};

use serde_json::Value;

use super::child::Child;
use super::wait;

/// A started command whose output is read while it runs.
pub struct Running {
    pub process: Child,
    command: String,
    stdout: JoinHandle<String>,
    stderr: JoinHandle<String>,
}

impl Running {
    pub fn start(mut command: Command) -> Self {
        let text = format!("{command:?}");
        let mut process = Child(command.spawn().unwrap_or_else(|error| panic!("{text}: {error}")));
        let stdout = reader(process.stdout.take().unwrap());
        let stderr = reader(process.stderr.take().unwrap());
        Self { process, command: text, stdout, stderr }
    }

    pub fn finish(mut self) -> Finished {
        let status = wait::for_exit(&mut self.process, wait::BOUND * 3);
        if status.is_none() {
            let _ = self.process.kill();
        }
        let (stdout, stderr) = (self.stdout.join().unwrap(), self.stderr.join().unwrap());
        let status = status.unwrap_or_else(|| panic!("{} did not end:\n{stdout}\n{stderr}", self.command));
        Finished { command: self.command, code: status.code(), stdout, stderr }
    }
}

fn reader(mut pipe: impl Read + Send + 'static) -> JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        pipe.read_to_end(&mut bytes).unwrap();
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// What a command left: exit code and text.
pub struct Finished {
    pub command: String,
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Finished {
    /// Exit code 0, and silence on standard error.
    pub fn succeeds(&self) -> &Self {
        self.exits_with(0)
    }

    /// This exit code, and silence on standard error.
    pub fn exits_with(&self, code: i32) -> &Self {
        assert!(self.code == Some(code), "exit code {code} expected.\n{}", self.report());
        assert!(self.stderr.is_empty(), "silence on standard error expected.\n{}", self.report());
        self
    }

    /// Exit code 1, and a diagnostic with each of these texts.
    pub fn fails_with(&self, texts: &[&str]) -> &Self {
        assert!(self.code == Some(1), "a failure expected.\n{}", self.report());
        let diagnostics = self.diagnostics();
        for text in texts {
            assert!(diagnostics.contains(text), "{text:?} expected in the diagnostics.\n{}", self.report());
        }
        assert!(!diagnostics.contains("Provider produced"), "the provider is at fault.\n{}", self.report());
        self
    }

    /// Each of these texts on standard output, where Terraform also writes its warnings.
    pub fn says(&self, texts: &[&str]) -> &Self {
        let said = self.said();
        for text in texts {
            assert!(said.contains(text), "{text:?} expected on standard output.\n{}", self.report());
        }
        self
    }

    /// Standard output as running text.
    pub fn said(&self) -> String {
        running_text(&self.stdout)
    }

    /// The errors as running text.
    pub fn diagnostics(&self) -> String {
        running_text(&self.stderr)
    }

    /// The first block of this kind that an error prints for copying, as it stands there.
    pub fn printed_block(&self, kind: &str) -> String {
        let unframed = unframed(&self.stderr);
        let start = format!("{kind} {{");
        let lines = unframed.lines().map(str::trim).skip_while(|line| *line != start);
        let inside: Vec<_> = lines.take_while(|line| *line != "}").collect();
        assert!(!inside.is_empty(), "a block {kind:?} expected in the diagnostics.\n{}", self.report());
        format!("{}\n}}\n", inside.join("\n"))
    }

    /// The diagnostics of a command that ran with `-json`, without Terraform's own about the development override.
    pub fn json_diagnostics(&self) -> Vec<Value> {
        // `validate` prints one document, all others one a line.
        let all = match serde_json::from_str::<Value>(&self.stdout) {
            Ok(document) => document["diagnostics"].as_array().cloned().unwrap_or_default(),
            Err(_) => self.stdout.lines().filter_map(diagnostic_of_line).collect(),
        };
        let is_ours =
            |diagnostic: &Value| !diagnostic["summary"].to_string().contains("development overrides");
        all.into_iter().filter(is_ours).collect()
    }

    fn report(&self) -> String {
        let Self { command, code, stdout, stderr } = self;
        format!("{command}\nexit code {code:?}\n--- stdout\n{stdout}\n--- stderr\n{stderr}")
    }
}

fn diagnostic_of_line(line: &str) -> Option<Value> {
    serde_json::from_str::<Value>(line).ok()?.get("diagnostic").cloned()
}

/// Without the frame that Terraform draws, and without its line breaks.
fn running_text(text: &str) -> String {
    unframed(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn unframed(text: &str) -> String {
    text.replace(['│', '╷', '╵'], " ")
}
