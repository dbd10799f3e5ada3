//! A virtual environment with the clients, made once for each list of requirements, and programs that run in it.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const REQUIREMENTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/other_clients/requirements.txt");

/// The folder with the environment's programs.
#[derive(Clone)]
pub struct Python(PathBuf);

impl Python {
    /// Installs the clients unless they are there. The error says why it cannot be done here.
    pub fn prepare() -> Result<Self, String> {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("other-clients");
        let programs = folder.join(if cfg!(windows) { "Scripts" } else { "bin" });
        let requirements = fs::read_to_string(REQUIREMENTS).unwrap();
        let installed = folder.join("installed.txt");
        if fs::read_to_string(&installed).is_ok_and(|text| text == requirements) {
            return Ok(Self(programs));
        }
        let _ = fs::remove_dir_all(&folder);
        let python = if cfg!(windows) { "python" } else { "python3" };
        run(Command::new(python).args(["-m", "venv"]).arg(&folder), "Python has no virtual environments")?;
        let mut install = Command::new(programs.join("python"));
        install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--retries", "1"]);
        run(
            install.args(["--timeout", "20", "--requirement", REQUIREMENTS]),
            "PyPI does not give the packages",
        )?;
        fs::write(installed, requirements).unwrap();
        Ok(Self(programs))
    }

    /// A script of this folder.
    pub fn script(&self, name: &str) -> Command {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/other_clients/scripts").join(name);
        let mut command = Command::new(self.0.join("python"));
        command.arg(script);
        command
    }

    /// A program of a package.
    pub fn program(&self, name: impl AsRef<OsStr>) -> Command {
        Command::new(self.0.join(name.as_ref()))
    }
}

fn run(command: &mut Command, otherwise: &str) -> Result<(), String> {
    match command.stdin(Stdio::null()).output() {
        Ok(Output { status, .. }) if status.success() => Ok(()),
        Ok(Output { stderr, .. }) => {
            let text = String::from_utf8_lossy(&stderr).into_owned();
            Err(format!("{otherwise}: {}", text.lines().last().unwrap_or_default()))
        }
        Err(error) => Err(format!("Python does not start: {error}")),
    }
}
