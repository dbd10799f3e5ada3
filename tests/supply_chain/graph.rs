//! Determines the packages that are built on each platform, from `cargo metadata`.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;
use std::sync::LazyLock;

use serde_json::Value;

use super::{list, root, text};

/// A package of the build.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Package {
    /// The name in its manifest.
    pub name: String,
    /// The license expression in its manifest; empty if there is none.
    pub license: String,
    /// `None` for a local folder.
    pub source: Option<String>,
}

static BUILT: LazyLock<Vec<(String, Vec<Package>)>> = LazyLock::new(|| {
    let mut platforms: BTreeSet<String> = list(&text("deny.toml"), "graph", "targets").into_iter().collect();
    assert!(platforms.len() >= 3, "deny.toml was not read: {platforms:?}");
    platforms.insert(host());
    platforms.into_iter().map(|platform| (platform.clone(), built(&metadata(&platform)))).collect()
});

/// The platforms of `deny.toml` and the current one, each with all packages that are built: dependencies of the
/// program, of its build scripts and of its tests.
pub fn built_packages() -> &'static [(String, Vec<Package>)] {
    &BUILT
}

fn host() -> String {
    let output = Command::new("rustc").arg("-vV").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().find_map(|line| line.strip_prefix("host: ")).unwrap().to_owned()
}

/// Tries offline first. A build fetches only the packages of its own platform, so others may have to be fetched here.
fn metadata(platform: &str) -> Value {
    let run = |network: &[&str]| {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let fixed = ["metadata", "--locked", "--format-version", "1", "--filter-platform", platform];
        Command::new(cargo).current_dir(root()).args(fixed).args(network).output().unwrap()
    };
    let output =
        Some(run(&["--offline"])).filter(|output| output.status.success()).unwrap_or_else(|| run(&[]));
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{platform}: `cargo fetch --locked` may help.\n{complaint}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The packages that are reachable from the root. The graph of `cargo metadata` also contains optional dependencies
/// that no enabled feature activates, such as ring below rustls-webpki. They are in the lock file but not built.
fn built(metadata: &Value) -> Vec<Package> {
    let packages = by_id(&metadata["packages"]);
    let nodes = by_id(&metadata["resolve"]["nodes"]);
    let mut seen = BTreeSet::new();
    let mut waiting = vec![metadata["resolve"]["root"].as_str().unwrap()];
    while let Some(id) = waiting.pop() {
        if seen.insert(id) {
            let dependencies =
                array(&nodes[id]["deps"]).map(|dependency| dependency["pkg"].as_str().unwrap());
            let name = |id: &str| packages[id]["name"].as_str().unwrap();
            waiting.extend(dependencies.filter(|other| is_enabled(packages[id], nodes[id], name(other))));
        }
    }
    seen.into_iter().map(|id| package(packages[id])).collect()
}

/// Whether a package with its enabled features depends on another one.
fn is_enabled(package: &Value, node: &Value, dependency: &str) -> bool {
    let enabled: Vec<&str> = array(&node["features"])
        .flat_map(|feature| array(&package["features"][feature.as_str().unwrap()]))
        .filter_map(|effect| enabled_by(effect.as_str().unwrap()))
        .collect();
    array(&package["dependencies"]).filter(|declared| declared["name"] == dependency).any(|declared| {
        let name = declared["rename"].as_str().unwrap_or(dependency);
        declared["optional"] == false || enabled.contains(&name)
    })
}

/// The optional dependency that a feature entry enables: `dep:NAME` and `NAME/FEATURE` do, `NAME?/FEATURE` does not
/// (The Cargo Book, Features).
fn enabled_by(effect: &str) -> Option<&str> {
    let name = effect.strip_prefix("dep:").or_else(|| effect.split_once('/').map(|(name, _)| name))?;
    (!name.ends_with('?')).then_some(name)
}

fn package(package: &Value) -> Package {
    let text = |key: &str| package[key].as_str().map(str::to_owned);
    Package {
        name: text("name").unwrap(),
        license: text("license").unwrap_or_default(),
        source: text("source"),
    }
}

fn by_id(list: &Value) -> BTreeMap<&str, &Value> {
    array(list).map(|entry| (entry["id"].as_str().unwrap(), entry)).collect()
}

fn array(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// The packages that are built for a root that depends on `a`, which may depend on ring by these features.
fn built_with(features: &Value, on: &[&str], optional: bool) -> Vec<String> {
    let metadata = serde_json::json!({
        "packages": [
            { "id": "0", "name": "root", "features": {}, "dependencies": [{ "name": "a", "optional": false }] },
            { "id": "1", "name": "a", "features": features, "dependencies": [{ "name": "ring", "optional": optional }] },
            { "id": "2", "name": "ring", "features": {}, "dependencies": [] },
        ],
        "resolve": { "root": "0", "nodes": [
            { "id": "0", "features": [], "deps": [{ "pkg": "1" }] },
            { "id": "1", "features": on, "deps": [{ "pkg": "2" }] },
            { "id": "2", "features": [], "deps": [] },
        ] },
    });
    built(&metadata).into_iter().map(|package| package.name).collect()
}

#[test]
fn a_dependency_that_a_feature_enables_is_built() {
    use serde_json::json;
    for (features, on, optional) in [
        (json!({}), vec![], false),
        (json!({ "ring": ["dep:ring"] }), vec!["ring"], true),
        (json!({ "fast": ["dep:ring"], "std": [] }), vec!["std", "fast"], true),
        (json!({ "std": ["ring/std"] }), vec!["std"], true),
    ] {
        assert_eq!(built_with(&features, &on, optional), ["root", "a", "ring"], "{features}");
    }
}

#[test]
fn a_dependency_that_no_feature_enables_is_not_built() {
    use serde_json::json;
    for (features, on) in [
        (json!({}), vec![]),
        (json!({ "ring": ["dep:ring"] }), vec![]),
        (json!({ "std": ["ring?/std"] }), vec!["std"]),
    ] {
        assert_eq!(built_with(&features, &on, true), ["root", "a"], "{features}");
    }
}
