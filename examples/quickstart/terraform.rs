//! Finds Terraform and runs it in a private working folder, without the user's settings and credentials, with visible
//! output.

use std::env;
use std::fs;
use std::io::{self, BufRead, BufReader, IsTerminal};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::Outcome;
use crate::interrupt::Interrupt;

/// The folder of the configuration and the tenant.
pub const SOURCES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/quickstart");
/// The emulator accepts any token that is not empty.
pub const TOKEN: &str = "quickstart";

const CLI_CONFIG: &str = "terraform.tfrc";
/// Prefixes of the user's variables that could change the quickstart or connect it to a real tenant.
const REMOVED_VARIABLES: [&str; 4] = ["ARM_", "AZURE_", "DEFENDER_", "TF_"];

/// Finds the requested program, or `terraform`, or else `tofu`.
pub fn find(requested: Option<&Path>, provider: &Path) -> Outcome<PathBuf> {
    let candidates = match requested {
        Some(program) => vec![program.to_path_buf()],
        None => vec![PathBuf::from("terraform"), PathBuf::from("tofu")],
    };
    let found = candidates.iter().find(|program| runs(program)).cloned();
    Ok(found.ok_or_else(|| missing(requested, provider))?)
}

fn runs(program: &Path) -> bool {
    let mut command = Command::new(program);
    command.arg("version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

fn missing(requested: Option<&Path>, provider: &Path) -> String {
    let what = match requested {
        Some(program) => format!("{} does not run.", program.display()),
        None => "neither terraform nor tofu is on the PATH.".to_owned(),
    };
    format!(
        "{what}\nInstall Terraform (1.0 or later) or OpenTofu, or pass its path:\n  \
         cargo run --example quickstart -- --terraform PATH\nThe provider itself is built: {}",
        provider.display()
    )
}

/// A folder with a copy of the configuration, and Terraform's settings.
pub struct Folder {
    directory: TempDir,
    program: PathBuf,
    graph_endpoint: String,
    interrupt: Interrupt,
}

impl Folder {
    pub fn prepare(program: PathBuf, provider: &Path, graph: &str, interrupt: Interrupt) -> Outcome<Self> {
        let directory = tempfile::Builder::new().prefix("defender-quickstart-").tempdir()?;
        for entry in fs::read_dir(SOURCES)? {
            let source = entry?.path();
            let wanted = source.extension().is_some_and(|kind| kind == "tf" || kind == "json");
            if let (true, Some(name)) = (wanted, source.file_name()) {
                fs::copy(&source, directory.path().join(name))?;
            }
        }
        fs::write(directory.path().join(CLI_CONFIG), cli_config(provider)?)?;
        Ok(Self { directory, program, graph_endpoint: graph.to_owned(), interrupt })
    }

    /// Prints the command, runs it with its output shown, and fails unless it exits with `expected`.
    pub fn terraform(&self, arguments: &[&str], expected: i32) -> Outcome {
        println!("$ {} {}", self.program.display(), arguments.join(" "));
        let mut command = self.command(arguments);
        if !io::stdout().is_terminal() {
            // A variable, because options must precede the name of a plan.
            command.env("TF_CLI_ARGS", "-no-color");
        }
        let mut process = command.spawn()?;
        if let Some(output) = process.stdout.take() {
            for line in BufReader::new(output).lines() {
                println!("  {}", line?);
            }
        }
        let status = process.wait()?;
        self.interrupt.check()?;
        if status.code() == Some(expected) {
            return Ok(());
        }
        let step = arguments.first().copied().unwrap_or_default();
        Err(format!("terraform {step} should exit with code {expected}, but ended with: {status}").into())
    }

    /// Reads a saved plan as JSON, without printing it.
    pub fn show_json(&self, plan: &str) -> Outcome<Value> {
        let output = self.command(&["show", "-json", plan]).output()?;
        Ok(serde_json::from_slice(&output.stdout)?)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(arguments)
            .current_dir(self.directory.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        for (name, _) in env::vars_os() {
            if REMOVED_VARIABLES.iter().any(|prefix| name.to_string_lossy().starts_with(prefix)) {
                command.env_remove(name);
            }
        }
        command.envs(self.settings());
        // No prompts, no check for a newer version, and no proxy for loopback.
        command.env("TF_INPUT", "0").env("CHECKPOINT_DISABLE", "1").env("NO_PROXY", "127.0.0.1");
        command
    }

    fn settings(&self) -> [(&'static str, String); 3] {
        [
            ("TF_CLI_CONFIG_FILE", self.directory.path().join(CLI_CONFIG).display().to_string()),
            ("DEFENDER_GRAPH_ENDPOINT", self.graph_endpoint.clone()),
            ("DEFENDER_ACCESS_TOKEN", TOKEN.to_owned()),
        ]
    }

    /// Keeps the folder and returns instructions for it. The emulator has to be started again, because it ends with
    /// the quickstart.
    pub fn keep(mut self, emulator: &Path) -> String {
        self.directory.disable_cleanup(true);
        let listen = self.graph_endpoint.trim_start_matches("http://");
        let folder = self.directory.path().display();
        let exports = self.settings().map(|(name, value)| format!("  export {name}='{value}'")).join("\n");
        format!(
            "The working folder is kept: {folder}\nTo continue by hand, start the emulator in one terminal:\n  \
             {} --listen {listen} --tenant '{folder}/tenant.json'\nand run Terraform in another:\n  \
             cd '{folder}'\n{exports}\n  {} plan",
            emulator.display(),
            self.program.display()
        )
    }
}

/// Makes Terraform use the provider from Cargo's build. Uses slashes on Windows too, because HCL would need escapes.
fn cli_config(provider: &Path) -> Outcome<String> {
    let folder = provider.parent().ok_or("the provider has no folder")?.display().to_string();
    let overrides = format!("\"defender-atp/defender\" = \"{}\"", folder.replace('\\', "/"));
    Ok(format!("provider_installation {{\n  dev_overrides {{\n    {overrides}\n  }}\n  direct {{}}\n}}\n"))
}
