//! Builds the package's binaries in the target directory of this example and finds them. Cargo provides binaries only
//! to integration tests.

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

/// Builds the binaries if necessary. Prints nothing unless the build fails.
pub fn build() -> Outcome<Binaries> {
    let output = cargo_build(&env::current_exe()?)?;
    if !output.status.success() {
        return Err(format!(
            "the build of the binaries failed:\n{}",
            String::from_utf8_lossy(&output.stderr)
        )
        .into());
    }
    let messages = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok(Binaries {
        provider: executable(&messages, "terraform-provider-defender")?,
        emulator: executable(&messages, "defender-graph-emulator")?,
    })
}

fn cargo_build(this_example: &Path) -> Outcome<Output> {
    let layout = Layout::from_path(this_example)?;
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")));
    // In the package root, for the environment in .cargo/config.toml. Otherwise everything would be rebuilt.
    cargo.current_dir(env!("CARGO_MANIFEST_DIR"));
    // Includes the example, although it is up to date. With `--bins` alone, Cargo omits features that only
    // development dependencies enable, and builds some dependencies a second time.
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

/// The build settings, derived from the path `<target directory>/[<triple>/]<profile>/examples/quickstart`.
struct Layout {
    target_directory: PathBuf,
    triple: Option<String>,
    profile: String,
}

impl Layout {
    fn from_path(this_example: &Path) -> Outcome<Self> {
        let unknown = || format!("{} is not a path of a Cargo example", this_example.display());
        let mut folders = this_example.ancestors().skip(2).map(Path::to_path_buf);
        let profile = folders.next().and_then(|folder| last_name(&folder)).ok_or_else(unknown)?;
        let parent = folders.next().ok_or_else(unknown)?;
        // A cross build has another folder, such as `x86_64-unknown-linux-gnu`, inside the target directory.
        let marked = folders.next().filter(|folder| folder.join("CACHEDIR.TAG").exists());
        let triple = last_name(&parent).filter(|name| name.split('-').count() >= 3);
        let (target_directory, triple) = match (marked, triple) {
            (Some(folder), Some(triple)) => (folder, Some(triple)),
            _ => (parent, None),
        };
        // Only the folder of the profile `dev` has a different name.
        let profile = if profile == "debug" { "dev".to_owned() } else { profile };
        Ok(Self { target_directory, triple, profile })
    }
}

fn last_name(folder: &Path) -> Option<String> {
    folder.file_name().and_then(|name| name.to_str()).map(str::to_owned)
}

/// Finds a binary in Cargo's messages, which are one JSON object per line (Cargo book, External tools).
fn executable(messages: &str, name: &str) -> Outcome<PathBuf> {
    messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|message| message.pointer("/target/name").and_then(Value::as_str) == Some(name))
        .find_map(|message| message.get("executable").and_then(Value::as_str).map(PathBuf::from))
        .ok_or_else(|| format!("cargo build did not name an executable {name}").into())
}
