//! Builds the package's binaries where this example was built, and says where they are. An example does not get
//! them from Cargo as an integration test does.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use crate::Outcome;

pub struct Binaries {
    pub provider: PathBuf,
    pub emulator: PathBuf,
}

/// Builds what is not fresh, silently unless it fails.
pub fn build() -> Outcome<Binaries> {
    let output = cargo_build(&env::current_exe()?)?;
    if !output.status.success() {
        return Err(format!("the binaries do not build:\n{}", String::from_utf8_lossy(&output.stderr)).into());
    }
    let messages = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok(Binaries {
        provider: executable(&messages, "terraform-provider-defender")?,
        emulator: executable(&messages, "defender-graph-emulator")?,
    })
}

fn cargo_build(this_example: &Path) -> Outcome<Output> {
    let layout = Layout::of(this_example)?;
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")));
    // In the package's folder, for the environment that .cargo/config.toml sets; elsewhere all would be rebuilt.
    cargo.current_dir(env!("CARGO_MANIFEST_DIR"));
    // The example is named too, though it is fresh: with `--bins` alone Cargo leaves the features that only
    // development dependencies ask for, and builds a part of the dependencies a second time without them.
    cargo.args([
        "build",
        "--quiet",
        "--bins",
        "--example",
        "quickstart",
        "--message-format=json-render-diagnostics",
    ]);
    cargo.args(["--profile", &layout.profile]).arg("--target-dir").arg(&layout.target_directory);
    if let Some(triple) = &layout.triple {
        cargo.args(["--target", triple]);
    }
    Ok(cargo.output()?)
}

/// What `<target directory>/[<triple>/]<profile>/examples/quickstart` tells about the build that made it.
struct Layout {
    target_directory: PathBuf,
    triple: Option<String>,
    profile: String,
}

impl Layout {
    fn of(this_example: &Path) -> Outcome<Self> {
        let unknown = || format!("{} is not where Cargo puts an example", this_example.display());
        let mut folders = this_example.ancestors().skip(2).map(Path::to_path_buf);
        let profile = folders.next().and_then(|folder| last_name(&folder)).ok_or_else(unknown)?;
        let parent = folders.next().ok_or_else(unknown)?;
        // A cross build has one more folder, named like `x86_64-unknown-linux-gnu`, inside the marked one.
        let marked = folders.next().filter(|folder| folder.join("CACHEDIR.TAG").exists());
        let triple = last_name(&parent).filter(|name| name.split('-').count() >= 3);
        let (target_directory, triple) = match (marked, triple) {
            (Some(folder), Some(triple)) => (folder, Some(triple)),
            _ => (parent, None),
        };
        // Cargo's folder for the profile `dev` is the one name that differs.
        let profile = if profile == "debug" { "dev".to_owned() } else { profile };
        Ok(Self { target_directory, triple, profile })
    }
}

fn last_name(folder: &Path) -> Option<String> {
    folder.file_name().and_then(|name| name.to_str()).map(str::to_owned)
}

/// Finds a binary in Cargo's messages, one JSON object a line ("External tools", Cargo book).
fn executable(messages: &str, name: &str) -> Outcome<PathBuf> {
    messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|message| message.pointer("/target/name").and_then(Value::as_str) == Some(name))
        .find_map(|message| message.get("executable").and_then(Value::as_str).map(PathBuf::from))
        .ok_or_else(|| format!("cargo build did not name an executable {name}").into())
}
