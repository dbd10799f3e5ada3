//! A command, its exit code and its output, with assertions for scenarios.

use std::io::Read;
use std::process::Command;
use std::thread::{self, JoinHandle};

use serde_json::Value;

use super::child::Child;
use super::kind;
use super::wait;

/// A running command whose output is read in the background.
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
        let (stdout, stderr) = (kind::restored(&stdout), kind::restored(&stderr));
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

/// The exit code and the output of a command.
pub struct Finished {
    pub command: String,
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Finished {
    /// Asserts exit code 0 and an empty stderr.
    pub fn succeeds(&self) -> &Self {
        self.exits_with(0)
    }

    /// Asserts this exit code and an empty stderr.
    pub fn exits_with(&self, code: i32) -> &Self {
        assert!(self.code == Some(code), "exit code {code} expected.\n{}", self.report());
        assert!(self.stderr.is_empty(), "empty stderr expected.\n{}", self.report());
        self
    }

    /// Asserts exit code 1 and a diagnostic with each of these texts.
    pub fn fails_with(&self, texts: &[&str]) -> &Self {
        assert!(self.code == Some(1), "a failure expected.\n{}", self.report());
        let diagnostics = self.diagnostics();
        for text in texts {
            assert!(diagnostics.contains(text), "{text:?} expected in the diagnostics.\n{}", self.report());
        }
        assert!(!diagnostics.contains("Provider produced"), "the provider is at fault.\n{}", self.report());
        self
    }

    /// Asserts that stdout, which includes warnings, contains each of these texts.
    pub fn says(&self, texts: &[&str]) -> &Self {
        let messages = self.messages();
        for text in texts {
            assert!(messages.contains(text), "{text:?} expected on stdout.\n{}", self.report());
        }
        self
    }

    /// Stdout as one line of text.
    pub fn messages(&self) -> String {
        running_text(&self.stdout)
    }

    /// The errors as one line of text.
    pub fn diagnostics(&self) -> String {
        running_text(&self.stderr)
    }

    /// The first configuration block of this kind that an error prints, unchanged.
    pub fn printed_block(&self, kind: &str) -> String {
        let unframed = unframed(&self.stderr);
        let start = format!("{kind} {{");
        let lines = unframed.lines().map(str::trim).skip_while(|line| *line != start);
        let inside: Vec<_> = lines.take_while(|line| *line != "}").collect();
        assert!(!inside.is_empty(), "a block {kind:?} expected in the diagnostics.\n{}", self.report());
        format!("{}\n}}\n", inside.join("\n"))
    }

    /// The diagnostics of a command with `-json`, without Terraform's warning about the development override.
    pub fn json_diagnostics(&self) -> Vec<Value> {
        // `validate` prints one document, other commands one per line.
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

/// Removes the frame that Terraform draws, and line breaks.
fn running_text(text: &str) -> String {
    unframed(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn unframed(text: &str) -> String {
    text.replace(['│', '╷', '╵'], " ")
}
