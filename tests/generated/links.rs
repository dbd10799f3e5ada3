//! Tests that links between pages are relative and that their targets exist. External links are not followed.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use super::{ROOT, files, files_in_docs, is_page, pages_in_docs, read_page};

#[test]
fn links_between_pages_have_existing_targets() {
    let mut followed = 0;
    for page in pages_in_docs() {
        for link in links(&read_page(&page)).iter().filter(|link| !link.starts_with("https://")) {
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { PathBuf::from(&page) } else { resolve(&page, file) };
            assert!(!file.starts_with('/'), "{page}: {link} should be relative");
            assert!(Path::new(ROOT).join(&target).is_file(), "{page}: {link} does not exist");
            let anchors = anchors(&read_page(target.to_str().unwrap()));
            assert!(anchor.is_empty() || anchors.contains(anchor), "{page}: {link}: no such heading");
            followed += 1;
        }
    }
    assert!(followed > 0, "the pages have links");
}

#[test]
fn no_link_leaves_docs() {
    for page in pages_in_docs() {
        let files = links(&read_page(&page)).into_iter().filter(|link| link.contains("../"));
        for link in files {
            assert!(resolve(&page, &link).starts_with("docs"), "{page}: {link} leaves docs/");
        }
    }
}

#[test]
fn docs_contains_only_pages_and_the_readme_uses_every_picture() {
    for file in files_in_docs() {
        assert!(is_page(&file), "{file}: the registry accepts only pages");
    }
    let shown = links(&read_page("README.md"));
    for file in files::below(Path::new(ROOT), "assets").unwrap() {
        assert!(shown.contains(&file), "README.md does not use {file}");
    }
}

#[test]
fn links_in_the_root_pages_have_existing_targets() {
    for page in ["README.md", "CONTRIBUTING.md", "SECURITY.md"] {
        let text = read_page(page);
        for link in links(&text).iter().filter(|link| !link.starts_with("https://")) {
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let file = if file.is_empty() { page } else { file };
            assert!(Path::new(ROOT).join(file).exists(), "{page}: {link} does not exist");
            assert!(
                anchor.is_empty() || anchors(&read_page(file)).contains(anchor),
                "{page}: {link}: no such heading"
            );
        }
    }
}

/// The targets of `[text](target)` outside code blocks.
fn links(text: &str) -> Vec<String> {
    let prose: String = text.split("```").step_by(2).collect();
    prose.split("](").skip(1).filter_map(|rest| Some(rest.split_once(')')?.0.to_owned())).collect()
}

fn resolve(page: &str, link: &str) -> PathBuf {
    let mut path = Path::new(page).parent().unwrap().to_owned();
    for part in Path::new(link.split('#').next().unwrap()).components() {
        match part {
            Component::ParentDir => assert!(path.pop(), "{page}: {link} leaves the package"),
            part => path.push(part),
        }
    }
    path
}

/// The anchors that the registry generates from headings, and explicit anchors.
fn anchors(text: &str) -> BTreeSet<String> {
    let written = text.split("<a id=\"").skip(1).filter_map(|rest| Some(rest.split_once('"')?.0.to_owned()));
    let prose: String = text.split("```").step_by(2).collect();
    let headings = prose.lines().filter_map(|line| {
        line.trim_start_matches('#').strip_prefix(' ').filter(|_| line.starts_with('#')).map(slug)
    });
    headings.chain(written).collect()
}

fn slug(heading: &str) -> String {
    let lower = heading.to_lowercase().replace(' ', "-");
    lower.chars().filter(|c| c.is_alphanumeric() || *c == '-' || *c == '_').collect()
}
