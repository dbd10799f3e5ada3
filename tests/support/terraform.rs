//! Runs real Terraform or OpenTofu in a private folder, without the settings of the user. When the folder is dropped,
//! it asserts that no provider process and no temporary file is left.

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use serde_json::Value;
use tempfile::TempDir;

use super::command::{Finished, Running};
use super::kind;
use super::plan::Plan;
use super::processes::{self, MARKER, PROVIDER};
use super::wait;

/// The program to test: `DEFENDER_TERRAFORM`, or else `terraform`, or else `tofu`. `None` if it does not run.
pub fn program() -> Option<PathBuf> {
    let candidates = match env::var_os("DEFENDER_TERRAFORM") {
        Some(program) => vec![PathBuf::from(program)],
        None => vec![PathBuf::from("terraform"), PathBuf::from("tofu")],
    };
    let runs = |program: &PathBuf| {
        let mut command = Command::new(program);
        command.arg("version").stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    candidates.into_iter().find(runs)
}

/// Whether the program is Terraform of at least this version. OpenTofu has its own version numbers.
pub fn is_at_least(major: u32, minor: u32) -> bool {
    version("Terraform v") >= Some((major, minor))
}

/// Whether the program says in a plan call that it repeats a plan during apply. Otherwise the provider may refuse a create
/// in such a plan, and the program leaves the old object of a replacement with `create_before_destroy` deposed.
#[allow(dead_code, reason = "not every program has scenarios with replacements")]
pub fn announces_repeated_plans() -> bool {
    is_at_least(1, 9)
}

/// Whether the program can call provider functions.
#[allow(dead_code, reason = "not every program has scenarios with functions")]
pub fn has_functions() -> bool {
    is_at_least(1, 8) || version("OpenTofu v") >= Some((1, 7))
}

/// Whether there is a program that knows write-only attributes. The two clients have them since the same version.
#[allow(dead_code, reason = "not every program has scenarios with policies")]
pub fn has_write_only_attributes() -> bool {
    program().is_some() && (is_at_least(1, 11) || version("OpenTofu v") >= Some((1, 11)))
}

/// Whether the program has the command `test`.
#[allow(dead_code, reason = "not every program has scenarios with it")]
pub fn has_test_command() -> bool {
    is_at_least(1, 6) || version("OpenTofu v") >= Some((1, 6))
}

/// Whether the program imports by identity. The two clients do since the same version.
#[allow(dead_code, reason = "not every program has scenarios with identities")]
pub fn has_identities() -> bool {
    is_at_least(1, 12) || version("OpenTofu v") >= Some((1, 12))
}

/// The version of the program, if its version line starts like this.
fn version(start: &str) -> Option<(u32, u32)> {
    let mut command = Command::new(program().expect("the scenarios run only where Terraform was found"));
    let output = command.arg("version").stderr(Stdio::null()).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let version = text.lines().find_map(|line| line.strip_prefix(start));
    let mut parts = version.into_iter().flat_map(|version| version.split('.').map(str::parse::<u32>));
    match (parts.next(), parts.next()) {
        (Some(Ok(major)), Some(Ok(minor))) => Some((major, minor)),
        _ => None,
    }
}

pub struct Folder {
    root: TempDir,
    settings: BTreeMap<&'static str, OsString>,
}

impl Folder {
    /// A folder that uses the provider from Cargo's build, without endpoint and credentials.
    pub fn new() -> Self {
        let folder = Self { root: tempfile::tempdir().unwrap(), settings: BTreeMap::new() };
        fs::create_dir(folder.path()).unwrap();
        fs::create_dir(folder.temporary()).unwrap();
        folder.use_provider_from(Path::new(PROVIDER).parent().unwrap());
        folder
    }

    /// The folder of the configuration.
    pub fn path(&self) -> PathBuf {
        self.root.path().join("work")
    }

    /// The directory for temporary files and sockets of the scenario's processes.
    pub fn temporary(&self) -> PathBuf {
        self.root.path().join("tmp")
    }

    /// The value of `MARKER` in this scenario's processes.
    pub fn marker(&self) -> String {
        self.root.path().display().to_string()
    }

    /// Sets a variable for all later commands.
    pub fn set(&mut self, name: &'static str, value: impl Into<OsString>) {
        self.settings.insert(name, value.into());
    }

    pub fn unset(&mut self, name: &str) {
        self.settings.remove(name);
    }

    pub fn write(&self, name: &str, text: &str) {
        fs::write(self.path().join(name), kind::translated(text)).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        kind::restored(&fs::read_to_string(self.path().join(name)).unwrap())
    }

    /// Sets a development override: Terraform uses the binary in this folder without `init`.
    pub fn use_provider_from(&self, folder: &Path) {
        let overrides =
            format!("dev_overrides {{ \"defender-atp/defender\" = {:?} }}", folder.display().to_string());
        self.write_cli_config(&format!("provider_installation {{\n  {overrides}\n  direct {{}}\n}}\n"));
    }

    /// Removes the development override, for a provider that is already running.
    pub fn use_no_provider(&self) {
        self.write_cli_config("");
    }

    /// Runs a command until it ends.
    pub fn run(&self, arguments: &[&str]) -> Finished {
        Running::start(self.command(arguments)).finish()
    }

    /// Plans with `-detailed-exitcode`. The JSON is null if the plan failed.
    pub fn plan(&self) -> Plan {
        self.plan_with(&[])
    }

    pub fn plan_with(&self, options: &[&str]) -> Plan {
        let arguments = [&["plan", "-detailed-exitcode", "-out=saved.tfplan"], options].concat();
        let finished = self.run(&arguments);
        let json = if finished.code == Some(1) { Value::Null } else { self.json(&["saved.tfplan"]) };
        Plan { finished, json }
    }

    pub fn apply(&self) -> Finished {
        self.run(&["apply", "-auto-approve"])
    }

    pub fn destroy(&self) -> Finished {
        self.run(&["destroy", "-auto-approve"])
    }

    /// The attributes of a resource in the state; null if the state lacks it.
    pub fn state(&self, address: &str) -> Value {
        let state = self.json(&[]);
        let resources = state["values"]["root_module"]["resources"].as_array();
        let found = resources.into_iter().flatten().find(|resource| resource["address"] == address);
        found.map(|resource| resource["values"].clone()).unwrap_or_default()
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let shown = self.run(&[&["show", "-json"], arguments].concat());
        serde_json::from_str(&shown.succeeds().stdout).unwrap()
    }

    /// A command with this folder's settings, not yet started.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let program = program().expect("the scenarios run only where Terraform was found");
        let mut command = Command::new(program);
        command.args(arguments.iter().map(|argument| kind::translated(argument))).current_dir(self.path());
        self.isolate(&mut command);
        command
    }

    /// Sets exactly the scenario's environment, and pipes for the output.
    pub fn isolate(&self, command: &mut Command) {
        command.env_clear();
        for name in ["PATH", "SystemRoot"] {
            command.envs(env::var_os(name).map(|value| (name, value)));
        }
        command.env("HOME", self.root.path()).env("TMPDIR", self.temporary()).env(MARKER, self.marker());
        command.env("TF_CLI_CONFIG_FILE", self.root.path().join("terraform.tfrc"));
        command.env("TF_CLI_ARGS", "-no-color").env("TF_INPUT", "0").env("TF_IN_AUTOMATION", "1");
        command.env("CHECKPOINT_DISABLE", "1").envs(&self.settings);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    }

    /// Removes the socket's directory of a killed provider, which must be the only leftover.
    pub fn remove_socket_of_killed_provider(&self) {
        let left = entries(&self.temporary());
        let [directory] = &left[..] else { panic!("one directory expected, not {left:?}") };
        let directory = self.temporary().join(directory);
        assert_eq!(entries(&directory), ["s"]);
        fs::remove_dir_all(directory).unwrap();
    }

    fn write_cli_config(&self, text: &str) {
        fs::write(self.root.path().join("terraform.tfrc"), text).unwrap();
    }

    /// Fails unless every provider process ends and removes its temporary files.
    pub fn must_be_left_clean(&self) {
        let marker = self.marker();
        let ended = wait::until(wait::BOUND, || processes::providers_marked(&marker).is_empty());
        for id in processes::providers_marked(&marker) {
            processes::signal("KILL", i64::from(id));
        }
        assert!(ended, "a provider process was left behind");
        let mut left = Vec::new();
        let clean = wait::until(wait::BOUND, || {
            left = entries(&self.temporary());
            left.is_empty()
        });
        assert!(clean, "left in the temporary directory: {left:?}");
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // A second panic would abort all scenarios.
        if !thread::panicking() {
            self.must_be_left_clean();
        }
    }
}

fn entries(folder: &Path) -> Vec<OsString> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect()
}
