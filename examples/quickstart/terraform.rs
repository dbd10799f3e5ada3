//! Terraform in a working folder of its own: found, cut off from the person's own settings and credentials, run
//! with its output shown as it comes.

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
/// The emulator takes any token that is not empty.
pub const TOKEN: &str = "quickstart";

const CLI_CONFIG: &str = "terraform.tfrc";
/// Settings of the person's own that would change what the quickstart does, or point it at a real tenant.
const FOREIGN_SETTINGS: [&str; 4] = ["ARM_", "AZURE_", "DEFENDER_", "TF_"];

/// The program asked for, else `terraform`, else `tofu`.
pub fn find(asked: Option<&Path>, provider: &Path) -> Outcome<PathBuf> {
    let candidates = match asked {
        Some(program) => vec![program.to_path_buf()],
        None => vec![PathBuf::from("terraform"), PathBuf::from("tofu")],
    };
    let found = candidates.iter().find(|program| runs(program)).cloned();
    Ok(found.ok_or_else(|| missing(asked, provider))?)
}

fn runs(program: &Path) -> bool {
    let mut command = Command::new(program);
    command.arg("version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

fn missing(asked: Option<&Path>, provider: &Path) -> String {
    let what = match asked {
        Some(program) => format!("{} does not run.", program.display()),
        None => "neither terraform nor tofu is on the PATH.".to_owned(),
    };
    format!(
        "{what}\nInstall Terraform (1.0 or later) or OpenTofu, or say where it is:\n  \
         cargo run --example quickstart -- --terraform PATH\nThe provider itself is built: {}",
        provider.display()
    )
}

/// A folder with a copy of the configuration, and the settings under which Terraform runs in it.
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
            // In front of a plan's name, where an option has to stand.
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
        Err(format!("terraform {step} should have ended with exit code {expected}, but: {status}").into())
    }

    /// A saved plan as JSON, read without showing it.
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
            if FOREIGN_SETTINGS.iter().any(|prefix| name.to_string_lossy().starts_with(prefix)) {
                command.env_remove(name);
            }
        }
        command.envs(self.settings());
        // No question to anybody, no look for a newer version, and no proxy between us and loopback.
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

    /// Leaves the folder where it is, and tells how to use it. The emulator has to be started again, since it
    /// ends with the quickstart.
    pub fn keep(mut self, emulator: &Path) -> String {
        self.directory.disable_cleanup(true);
        let listen = self.graph_endpoint.trim_start_matches("http://");
        let folder = self.directory.path().display();
        let exports = self.settings().map(|(name, value)| format!("  export {name}='{value}'")).join("\n");
        format!(
            "The working folder stays: {folder}\nTo go on by hand, start the emulator in one terminal:\n  \
             {} --listen {listen} --tenant '{folder}/tenant.json'\nand use Terraform in another:\n  \
             cd '{folder}'\n{exports}\n  {} plan",
            emulator.display(),
            self.program.display()
        )
    }
}

/// Makes Terraform take the provider from where Cargo built it. Quoted as HCL wants it, on Windows too.
fn cli_config(provider: &Path) -> Outcome<String> {
    let folder = provider.parent().ok_or("the provider has no folder")?.display().to_string();
    let overrides = format!("\"defender-atp/defender\" = \"{}\"", folder.replace('\\', "/"));
    Ok(format!("provider_installation {{\n  dev_overrides {{\n    {overrides}\n  }}\n  direct {{}}\n}}\n"))
}
