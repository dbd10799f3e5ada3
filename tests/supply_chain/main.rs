//! Tests the dependencies of the build: they comply with `deny.toml`, are locked, and have a stated reason.
//! Advisories change daily, so `cargo deny check` covers them instead.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail loudly")]

mod deny;
mod graph;
mod license;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use deny::list;
use graph::{Package, built_packages};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn text(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

#[test]
fn no_banned_crate_is_built_on_any_platform() {
    let banned = list(&text("deny.toml"), "bans", "deny");
    assert!(banned.iter().any(|name| name == "ring"), "deny.toml was not read: {banned:?}");
    for (platform, packages) in built_packages() {
        let found = banned_among(&banned, packages);
        assert!(found.is_empty(), "{platform}: {found:?}; `cargo tree --invert` shows what depends on it");
        // Certainly built: its absence would mean that no packages were found.
        assert!(packages.iter().any(|package| package.name == "aws-lc-rs"), "{platform}");
    }
}

fn banned_among<'a>(banned: &[String], packages: &'a [Package]) -> Vec<&'a str> {
    packages
        .iter()
        .map(|package| package.name.as_str())
        .filter(|name| banned.iter().any(|b| b == name))
        .collect()
}

#[test]
fn every_license_is_allowed_and_every_allowed_license_is_used() {
    let allowed = list(&text("deny.toml"), "licenses", "allow");
    let packages: BTreeSet<&Package> = built_packages().iter().flat_map(|(_, packages)| packages).collect();
    let refused = |allowed: &[String]| -> Vec<&Package> {
        packages.iter().copied().filter(|package| !license::satisfied(&package.license, allowed)).collect()
    };
    assert_eq!(refused(&allowed), Vec::<&Package>::new());
    for license in &allowed {
        let others: Vec<String> = allowed.iter().filter(|other| *other != license).cloned().collect();
        assert!(!refused(&others).is_empty(), "no package needs {license}; remove it from deny.toml");
    }
}

/// `about.toml` has no sections. Its lists have one entry per line, as in `deny.toml`.
#[test]
fn the_archives_include_the_texts_of_all_allowed_licenses_for_all_platforms() {
    let (about, deny) = (format!("[about]\n{}", text("about.toml")), text("deny.toml"));
    assert_eq!(list(&about, "about", "accepted"), list(&deny, "licenses", "allow"));
    assert_eq!(list(&about, "about", "targets"), list(&deny, "graph", "targets"));
}

#[test]
fn all_dependencies_come_from_one_registry() {
    let own = |package: &&Package| package.source.is_none() && package.name == env!("CARGO_PKG_NAME");
    let packages = built_packages().iter().flat_map(|(_, packages)| packages);
    let sources: BTreeSet<Option<&str>> =
        packages.filter(|package| !own(package)).map(|package| package.source.as_deref()).collect();
    assert_eq!(sources.len(), 1, "{sources:?}");
    assert!(sources.iter().all(|source| source.is_some_and(|source| source.starts_with("registry+"))));
}

/// The other tests here use `--locked`, which fails if the file is not current.
#[test]
fn the_lock_file_is_committed_and_has_all_checksums() {
    let ignored = text(".gitignore").lines().any(|line| line.trim_start_matches('/') == "Cargo.lock");
    assert!(!ignored, ".gitignore names Cargo.lock");
    if root().join(".git").exists() {
        let listed = Command::new("git")
            .current_dir(root())
            .args(["ls-files", "--error-unmatch", "Cargo.lock"])
            .output();
        assert!(listed.is_ok_and(|output| output.status.success()), "Cargo.lock is not committed");
    }
    let lock = text("Cargo.lock");
    let foreign: Vec<&str> = lock.split("[[package]]").filter(|part| part.contains("\nsource = ")).collect();
    assert!(foreign.len() > 100);
    for package in foreign {
        assert!(package.contains("\nchecksum = \""), "no checksum: {package}");
    }
}

#[test]
fn the_checks_use_the_lock_file() {
    let script = text(".ci/run");
    let builds = |line: &&str| {
        ["cargo test", "cargo clippy", "cargo run"].iter().any(|command| line.contains(command))
    };
    let lines: Vec<&str> = script.lines().filter(builds).collect();
    assert!(!lines.is_empty());
    for line in lines {
        assert!(line.contains("--locked"), ".ci/run: {line}");
    }
}

#[test]
fn every_direct_dependency_has_a_stated_reason() {
    assert_eq!(without_reason(&text("Cargo.toml")), Vec::<String>::new());
}

/// The dependencies without a comment above them. A heading (`# --- values ---`) does not count.
fn without_reason(manifest: &str) -> Vec<String> {
    let mut section = "";
    let mut above = "";
    let mut found = Vec::new();
    for line in manifest.lines() {
        if line.starts_with('[') {
            section = line;
        } else if section.ends_with("dependencies]") && line.contains(" = ") && !line.starts_with('#') {
            let has_reason = above.starts_with("# ") && !above.starts_with("# ---");
            if !has_reason {
                found.push(line.split(' ').next().unwrap().to_owned());
            }
        }
        above = line;
    }
    found
}

#[test]
fn a_dependency_without_reason_is_found() {
    let manifest = "[dependencies]\n# Why.\na = \"1\"\nb = \"1\"\n# --- c ---\nc = \"1\"\n\n[target.'x'.dev-dependencies]\n\
                    d = { version = \"1\" }\n[profile.dev]\nopt-level = 1\n";
    assert_eq!(without_reason(manifest), ["b", "c", "d"]);
}

#[test]
fn every_test_in_the_threat_model_exists() {
    let model = text("SECURITY.md");
    // Variables are in upper case, and names of files and options contain other characters.
    let is_test = |word: &&str| {
        word.matches('_').count() >= 3
            && word.chars().all(|c| c == '_' || c.is_ascii_lowercase() || c.is_ascii_digit())
    };
    let named: BTreeSet<&str> = model.split('`').skip(1).step_by(2).filter(is_test).collect();
    assert!(named.len() > 20, "SECURITY.md was not read: {named:?}");
    let sources = format!("{}{}", sources(&root().join("src")), sources(&root().join("tests")));
    for test in named {
        assert!(sources.contains(&format!("fn {test}(")), "SECURITY.md names {test}, which does not exist");
    }
}

fn sources(folder: &Path) -> String {
    let mut text = String::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            text += &sources(&path);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            text += &fs::read_to_string(&path).unwrap();
        }
    }
    text
}
