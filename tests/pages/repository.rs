//! A copy of the repository, and programs on the PATH in place of what would take minutes or need fixed ports: a `cargo`
//! that hands out what is built already, and an emulator on a free port.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

const PROVIDER: &str = env!("CARGO_BIN_EXE_terraform-provider-defender");
const EMULATOR: &str = env!("CARGO_BIN_EXE_defender-graph-emulator");

/// What a fresh clone does not have, or what no page needs.
const NOT_COPIED: [&str; 4] = [".git", "target", "fuzz", "tests"];

/// The repository below `repository`, programs below `bin`, the home directory and temporary files beside them.
pub struct Repository {
    root: TempDir,
}

impl Repository {
    /// A copy whose emulator listens on this port, with this Terraform.
    pub fn copy(port: u16, terraform: &Path) -> Self {
        let copy = Self { root: tempfile::tempdir().unwrap() };
        for folder in ["bin", "home", "tmp"] {
            fs::create_dir(copy.below(folder)).unwrap();
        }
        copy_folder(Path::new(env!("CARGO_MANIFEST_DIR")), &copy.below("repository"));
        let emulator = format!("exec {EMULATOR} --listen 127.0.0.1:{port} \"$@\"");
        copy.write_program("emulator", &emulator);
        copy.write_program("terraform", &format!("exec {} \"$@\"", terraform.display()));
        copy.write_program("cargo", &copy.cargo());
        copy
    }

    pub fn below(&self, folder: &str) -> PathBuf {
        self.root.path().join(folder)
    }

    fn write_program(&self, name: &str, commands: &str) {
        let file = self.below("bin").join(name);
        fs::write(&file, format!("#!/bin/sh\n{commands}\n")).unwrap();
        fs::set_permissions(file, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// The quickstart asks Cargo for the binaries, too, and reads its messages.
    fn cargo(&self) -> String {
        let quickstart = Path::new(PROVIDER).with_file_name("examples").join("quickstart");
        let (bin, quickstart) = (self.below("bin"), quickstart.display());
        let message = |name: &str, file: &str| {
            format!("echo '{{\"target\":{{\"name\":\"{name}\"}},\"executable\":\"{file}\"}}'")
        };
        let messages =
            [message("terraform-provider-defender", PROVIDER), message("defender-graph-emulator", EMULATOR)]
                .join("; ");
        format!(
            "case \"$*\" in\n\
             'build --bins') folder=target/debug ;;\n\
             'build --release') folder=target/release ;;\n\
             'build --quiet '*) {messages}; exit ;;\n\
             'run --example quickstart') CARGO=\"$0\" exec {quickstart} --terraform {bin}/terraform ;;\n\
             *) echo \"no page should run: cargo $*\" >&2; exit 1 ;;\n\
             esac\n\
             mkdir -p \"$folder\"\n\
             cp {PROVIDER} \"$folder/\"\n\
             cp {bin}/emulator \"$folder/defender-graph-emulator\"",
            bin = bin.display()
        )
    }
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let left_by_terraform = name.starts_with(".terraform") || name.starts_with("terraform.tfstate");
        if NOT_COPIED.contains(&&*name) && from == Path::new(env!("CARGO_MANIFEST_DIR")) || left_by_terraform
        {
            continue;
        }
        let target = to.join(&*name);
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
