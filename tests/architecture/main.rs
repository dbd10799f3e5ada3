//! Checks the rules of `ARCHITECTURE.md` against the sources: which module uses which, and no circles between files.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail loudly")]

mod circles;
mod source;
mod tokens;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Which modules of the crate each module may use, itself excepted.
const MAY_USE: &[(&str, &[&str])] = &[
    ("check", &["provider", "resources", "terraform", "graph", "auth", "transport"]),
    ("probe", &["provider", "terraform", "graph", "auth"]),
    ("plugin", &["wire"]),
    ("wire", &[]),
    ("protocol", &["wire", "terraform", "provider"]),
    ("provider", &["terraform", "graph", "auth", "transport", "data_sources", "functions", "resources"]),
    ("data_sources", &["terraform", "graph", "resources"]),
    ("functions", &["terraform", "resources"]),
    ("resources", &["terraform", "graph", "auth", "transport"]),
    ("terraform", &[]),
    ("graph", &["auth", "transport"]),
    ("auth", &["transport"]),
    ("transport", &[]),
    ("emulator", &[]),
];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

fn src() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// The code of a file, without comments.
fn code(file: &Path) -> String {
    let text = fs::read_to_string(file).unwrap();
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// The words that follow `prefix` in the code: `crate::` gives the modules that it names.
fn words_after<'a>(code: &'a str, prefix: &str) -> BTreeSet<&'a str> {
    let word_end = |text: &str| text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    code.match_indices(prefix)
        .map(|(at, _)| &code[at + prefix.len()..])
        .map(|rest| &rest[..word_end(rest)])
        .collect()
}

#[test]
fn modules_use_only_what_is_below_them() {
    for (module, allowed) in MAY_USE {
        for file in sources(&src().join(module)) {
            for used in words_after(&code(&file), "crate::") {
                let fine = used == *module || allowed.contains(&used);
                assert!(fine, "{} uses crate::{used}, which {module} must not", file.display());
            }
        }
    }
}

#[test]
fn every_module_is_in_the_table() {
    let declared: BTreeSet<String> = code(&src().join("lib.rs"))
        .lines()
        .filter_map(|line| Some(line.strip_prefix("pub mod ")?.trim_end_matches(';').to_owned()))
        .collect();
    let tabled: BTreeSet<String> = MAY_USE.iter().map(|(module, _)| (*module).to_owned()).collect();
    assert_eq!(declared, tabled);
}

/// The names in backticks, such as those in a cell of the table.
fn quoted(text: &str) -> BTreeSet<&str> {
    text.split('`').skip(1).step_by(2).map(|name| name.trim_end_matches('/')).collect()
}

#[test]
fn the_page_shows_the_same_table() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("ARCHITECTURE.md")).unwrap();
    let uses_on_page = |module: &str| -> BTreeSet<String> {
        let row = page.lines().find(|line| line.starts_with(&format!("| `{module}/` |"))).unwrap();
        quoted(row.split('|').nth(3).unwrap()).into_iter().map(str::to_owned).collect()
    };
    for (module, allowed) in MAY_USE {
        let allowed: BTreeSet<String> = allowed.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(uses_on_page(module), allowed, "{module}");
    }
}

#[test]
fn no_files_need_each_other() {
    let text = |file: PathBuf| {
        let name = file.strip_prefix(src()).unwrap().to_str().unwrap().replace('\\', "/");
        (name, fs::read_to_string(file).unwrap())
    };
    let texts: BTreeMap<String, String> = sources(&src()).into_iter().map(text).collect();
    let circles = circles::circles(&texts);
    assert!(circles.is_empty(), "{}", circles.join("\n"));
}

/// The code of a file without its unit tests.
fn code_without_tests(file: &Path) -> String {
    code(file).split("#[cfg(test)]").next().unwrap().to_owned()
}

#[test]
fn what_all_kinds_of_policy_share_names_no_collection() {
    for file in sources(&src().join("resources/assignments")) {
        let code = code_without_tests(&file);
        for name in
            ["PolicyCollection::", "deviceConfigurations", "configurationPolicies", "device_configuration"]
        {
            assert!(!code.contains(name), "{} names {name}", file.display());
        }
    }
}

/// Folders below `resources/` that resources share.
const SHARED_BY_RESOURCES: [&str; 1] = ["assignments"];

#[test]
fn one_resource_never_uses_another() {
    let folder = src().join("resources");
    let types: Vec<PathBuf> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    for resource in &types {
        let own = resource.file_name().unwrap().to_str().unwrap();
        for file in sources(resource) {
            for used in words_after(&code(&file), "crate::resources::") {
                let is_type = folder.join(used).is_dir() && !SHARED_BY_RESOURCES.contains(&used);
                assert!(!is_type || used == own, "{} uses the resource {used}", file.display());
            }
        }
    }
    assert!(!types.is_empty());
}

#[test]
fn one_file_names_the_http_client() {
    let naming: Vec<PathBuf> = sources(&src())
        .into_iter()
        .filter(|file| code(file).contains("reqwest::"))
        .map(|file| file.strip_prefix(src()).unwrap().to_owned())
        .collect();
    assert_eq!(naming, [Path::new("transport/client.rs")]);
}

/// The probe writes only to policies that it has created itself.
#[test]
fn the_probe_has_policies_of_its_own_only() {
    let made: Vec<PathBuf> = sources(&src().join("probe"))
        .into_iter()
        .filter(|file| code(file).contains("OwnPolicy("))
        .map(|file| file.strip_prefix(src()).unwrap().to_owned())
        .collect();
    assert_eq!(made, [Path::new("probe/access.rs")]);
}

/// A write without the guard and the read before it could remove assignments that no plan showed.
#[test]
fn one_file_sends_a_set_of_assignments() {
    let calling: Vec<PathBuf> = sources(&src().join("resources"))
        .into_iter()
        .filter(|file| code(file).contains(".assign("))
        .map(|file| file.strip_prefix(src()).unwrap().to_owned())
        .collect();
    assert_eq!(calling, [Path::new("resources/assignments/write.rs")]);
    for module in ["check", "provider"] {
        let others = sources(&src().join(module)).into_iter().find(|file| code(file).contains(".assign("));
        assert_eq!(others, None);
    }
}

#[test]
fn no_source_file_has_more_than_400_lines() {
    let long: Vec<PathBuf> = sources(&src())
        .into_iter()
        .filter(|file| fs::read_to_string(file).unwrap().lines().count() > 400)
        .collect();
    assert_eq!(long, Vec::<PathBuf>::new());
}

#[test]
fn terraform_does_no_io_and_reads_no_clock() {
    for file in sources(&src().join("terraform")) {
        let code = code(&file);
        for word in
            ["std::fs", "std::net", "std::env", "std::io", "Instant", "SystemTime", "reqwest", "tonic"]
        {
            assert!(!code.contains(word), "{} names {word}", file.display());
        }
    }
}

#[test]
fn the_binaries_name_only_the_outer_modules() {
    let used = |file: &str| -> BTreeSet<String> {
        let code = code(&src().join(file));
        words_after(&code, "terraform_provider_defender::").into_iter().map(str::to_owned).collect()
    };
    let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(used("main.rs"), set(&["check", "plugin", "probe", "protocol", "provider"]));
    assert_eq!(used("bin/defender-graph-emulator.rs"), set(&["emulator"]));
}
