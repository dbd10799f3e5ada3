//! Tests that the pages of the registry documentation are current, complete and correctly linked.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail loudly")]

mod links;
#[path = "../../examples/docs/pages/mod.rs"]
mod pages;
mod rendering;
mod summaries;

use std::path::Path;

use pages::{Site, files};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Examples that are not part of the documentation: the quickstart, the generator, and the tests of the rings.
const NOT_PUBLISHED: [&str; 4] =
    ["examples/quickstart/", "examples/docs/", "examples/rings/tests/", "examples/rings/tenant.json"];

/// The paths of all pages, generated ones and guides, relative to the package root.
fn pages_in_docs() -> Vec<String> {
    files_in_docs().into_iter().filter(|path| is_page(path)).collect()
}

fn files_in_docs() -> Vec<String> {
    files::below(Path::new(ROOT), "docs").unwrap()
}

fn is_page(path: &str) -> bool {
    Path::new(path).extension().is_some_and(|extension| extension == "md")
}

fn read_page(path: &str) -> String {
    files::read(&Path::new(ROOT).join(path)).unwrap()
}

#[test]
fn docs_are_current() {
    let root = Path::new(ROOT);
    let site = Site::of_provider(root).unwrap();
    let mut wrong: Vec<String> = site.stale(root).iter().map(|page| page.path.clone()).collect();
    wrong.extend(site.leftover(root).unwrap());
    assert!(
        wrong.is_empty(),
        "not current: {wrong:?}\nRun `cargo run --example docs` and commit the result."
    );
}

#[test]
fn every_example_file_is_included_in_a_page() {
    let pages: Vec<String> = pages_in_docs().iter().map(|path| read_page(path)).collect();
    for file in files::below(Path::new(ROOT), "examples").unwrap() {
        let program = Path::new(&file).extension().is_some_and(|extension| extension == "rs");
        if program || NOT_PUBLISHED.iter().any(|folder| file.starts_with(folder)) {
            continue;
        }
        let block = format!("\n{}\n```\n", read_page(&file).trim_end());
        assert!(
            pages.iter().any(|page| page.contains(&block)),
            "no page contains the current text of {file}. Include it in a template and run `cargo run --example docs`, or \
             copy it into its guide."
        );
    }
}

#[test]
fn every_page_has_front_matter_for_the_registry() {
    for path in pages_in_docs() {
        let text = read_page(&path);
        let front = text.strip_prefix("---\n").and_then(|rest| rest.split_once("\n---\n"));
        let (front, _) = front.unwrap_or_else(|| panic!("{path} has no front matter"));
        for key in ["page_title: \"", "description: |-\n  "] {
            assert!(front.contains(key), "{path} has no {key:?} in its front matter");
        }
        assert_eq!(front.contains("subcategory: "), path != "docs/index.md", "{path}: subcategory");
    }
}
