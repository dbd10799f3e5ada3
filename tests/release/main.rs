//! The release archives, which `.ci/release/build` and `.ci/release/assemble` make. A release build takes minutes, so the
//! tests of the archives run only where `DEFENDER_RELEASE_ARCHIVES` names their folder; `just release-dry` sets it.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail loudly")]
#![allow(clippy::print_stdout, reason = "a skipped test says why")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const PROVIDER: &str = concat!("terraform-provider-defender_", env!("CARGO_PKG_VERSION"));
const EMULATOR: &str = concat!("defender-graph-emulator_", env!("CARGO_PKG_VERSION"));

/// The largest size on disk, in bytes. Terraform unpacks and starts the binary in every job.
const MAX_BINARY_BYTES: usize = 9 * 1024 * 1024;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The folder of the archives; `None`, with a note, if no release was built.
fn archives() -> Option<PathBuf> {
    let folder = std::env::var_os("DEFENDER_RELEASE_ARCHIVES").map(|folder| root().join(folder));
    if folder.is_none() {
        println!("skipped: DEFENDER_RELEASE_ARCHIVES is not set");
    }
    folder
}

fn python() -> &'static str {
    if cfg!(windows) { "python" } else { "python3" }
}

/// Packs files with `.ci/release/pack.py`.
fn pack(archive: &Path, files: &[&str]) {
    let status = Command::new(python())
        .arg(root().join(".ci/release/pack.py"))
        .arg(archive)
        .args(files)
        .current_dir(root())
        .env("SOURCE_DATE_EPOCH", "1767225600")
        .status();
    assert!(status.is_ok_and(|status| status.success()), "pack.py failed");
}

/// Unpacks an archive; the names of its entries, in order.
fn unpack(archive: &Path, folder: &Path) -> Vec<String> {
    let run = |arguments: &[&str]| {
        let output = Command::new(python())
            .args(["-m", "zipfile"])
            .args(arguments)
            .arg(archive)
            .args(if arguments == ["-e"] { vec![folder] } else { vec![] })
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    run(&["-e"]);
    run(&["-l"]).lines().skip(1).filter_map(|line| Some(line.split_whitespace().next()?.to_owned())).collect()
}

/// Whether the bytes contain this folder, in the spelling of either kind of system.
fn names_folder(bytes: &[u8], folder: &str) -> bool {
    [folder.to_owned(), folder.replace('/', "\\")]
        .iter()
        .any(|spelling| bytes.windows(spelling.len()).any(|window| window == spelling.as_bytes()))
}

#[test]
fn packing_depends_only_on_the_files() {
    let folder = tempfile::tempdir().unwrap();
    let [first, second] = ["first.zip", "second.zip"].map(|name| folder.path().join(name));
    pack(&first, &["LICENSE=binary", "Cargo.toml=text"]);
    fs::create_dir(folder.path().join("copy")).unwrap();
    let copy = folder.path().join("copy/LICENSE");
    fs::copy(root().join("LICENSE"), &copy).unwrap();
    pack(&second, &[&format!("{}=binary", copy.display()), "Cargo.toml=text"]);
    assert_eq!(fs::read(&first).unwrap(), fs::read(&second).unwrap());
    assert_eq!(unpack(&first, folder.path()), ["binary", "text"]);
}

#[test]
fn a_folder_in_a_binary_is_found() {
    assert!(names_folder(b"\0/home/me/project/src/main.rs\0", "/home/me"));
    assert!(names_folder(b"\0\\home\\me\\project\\src\\main.rs\0", "/home/me"));
    assert!(!names_folder(b"\0/source/src/main.rs\0", "/home/me"));
}

#[test]
fn the_binaries_name_no_folder_of_the_build() {
    let Some(archives) = archives() else { return };
    let home = std::env::var("HOME").unwrap_or_default();
    let target = PathBuf::from(env!("CARGO_BIN_EXE_terraform-provider-defender"));
    let target = target.ancestors().nth(2).unwrap().to_str().unwrap().to_owned();
    for (name, binary) in
        [(PROVIDER, "terraform-provider-defender_v0.1.0"), (EMULATOR, "defender-graph-emulator")]
    {
        let folder = tempfile::tempdir().unwrap();
        unpack(&archives.join(format!("{name}_linux_amd64.zip")), folder.path());
        let bytes = fs::read(folder.path().join(binary)).unwrap();
        for build_folder in [home.as_str(), root().to_str().unwrap(), &target, "/.cargo/", "/home/", "/root/"]
        {
            assert!(!names_folder(&bytes, build_folder), "{binary} contains {build_folder}");
        }
        assert!(names_folder(&bytes, "/registry/tokio-"), "the paths of dependencies are not remapped");
    }
}

#[test]
fn the_archives_are_as_the_registries_require() {
    let Some(archives) = archives() else { return };
    let folder = tempfile::tempdir().unwrap();
    let entries = unpack(&archives.join(format!("{PROVIDER}_linux_amd64.zip")), folder.path());
    let binary = format!("terraform-provider-defender_v{}", env!("CARGO_PKG_VERSION"));
    assert_eq!(entries.first(), Some(&binary));
    // Terraform would start another file whose name begins like this.
    assert_eq!(
        entries.iter().filter(|name| name.starts_with("terraform-provider")).count(),
        1,
        "{entries:?}"
    );
    assert!(entries.iter().any(|name| name == "LICENSE"));

    let manifest = fs::read_to_string(archives.join(format!("{PROVIDER}_manifest.json"))).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    assert_eq!(manifest, serde_json::json!({"version": 1, "metadata": {"protocol_versions": ["6.0"]}}));

    let sums = fs::read_to_string(archives.join(format!("{PROVIDER}_SHA256SUMS"))).unwrap();
    for file in ["linux_amd64.zip", "manifest.json"] {
        assert!(sums.lines().any(|line| line.ends_with(&format!("  {PROVIDER}_{file}"))), "{sums}");
    }
}

#[test]
fn the_linux_binary_is_static_and_small() {
    let Some(archives) = archives() else { return };
    let folder = tempfile::tempdir().unwrap();
    let entries = unpack(&archives.join(format!("{PROVIDER}_linux_amd64.zip")), folder.path());
    let bytes = fs::read(folder.path().join(&entries[0])).unwrap();
    assert!(bytes.len() <= MAX_BINARY_BYTES, "{} bytes", bytes.len());
    // ELF: a position-independent file (ET_DYN) without a program interpreter (PT_INTERP).
    assert_eq!(u16::from_le_bytes([bytes[16], bytes[17]]), 3, "not position-independent");
    let (offset, count) = (u64::from_le_bytes(bytes[32..40].try_into().unwrap()), bytes[56]);
    let types = (0..usize::from(count)).map(|index| {
        let start = usize::try_from(offset).unwrap() + index * 56;
        u32::from_le_bytes(bytes[start..start + 4].try_into().unwrap())
    });
    assert!(types.into_iter().all(|segment| segment != 3), "it needs a dynamic loader");
}

/// The script says why it skips a system that cannot run it.
#[test]
fn terraform_installs_and_runs_the_archives_without_glibc() {
    let Some(archives) = archives() else { return };
    let output = Command::new(root().join(".ci/release/try")).arg(archives).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    println!("{}{}", text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{}", text(&output.stderr));
}
