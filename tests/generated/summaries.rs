//! The troubleshooting page has every summary that the sources give a diagnostic as literal text.

use std::path::Path;

use super::{ROOT, files, read_page};

const PAGE: &str = "docs/guides/troubleshooting.md";

#[test]
fn every_summary_is_on_the_troubleshooting_page() {
    let rows = summaries_on_the_page();
    let summaries = summaries_in_the_sources();
    assert!(summaries.len() > 30, "{summaries:?}");
    let missing: Vec<&String> = summaries.iter().filter(|summary| !rows.contains(*summary)).collect();
    assert!(missing.is_empty(), "{PAGE} has no row for {missing:#?}");
}

#[test]
fn the_rows_are_in_alphabetical_order() {
    let rows: Vec<String> = summaries_on_the_page().iter().map(|row| letters(row)).collect();
    assert!(rows.is_sorted(), "{rows:#?}");
}

/// The first column of the first table.
fn summaries_on_the_page() -> Vec<String> {
    let text = read_page(PAGE);
    let table = text.split("\n| --- |").nth(1).unwrap();
    let rows = table.lines().skip(1).take_while(|line| line.starts_with("| "));
    rows.map(|row| row.split(" | ").next().unwrap()[2..].replace('`', "")).collect()
}

/// The first arguments of `Diagnostic::error` and `Diagnostic::warning`, and the members `summary` of resources, that
/// are literals with words of their own.
fn summaries_in_the_sources() -> Vec<String> {
    let sources = files::below(Path::new(ROOT), "src").unwrap();
    let sources = sources.iter().filter(|path| is_source(path));
    let mut found = Vec::new();
    for path in sources {
        let text = read_page(path);
        let code = text.split("#[cfg(test)]\nmod ").next().unwrap();
        let code = code.split("#[cfg(test)]\npub static ").next().unwrap();
        let member = path.starts_with("src/resources/").then_some(" summary: ");
        for call in ["Diagnostic::error(", "Diagnostic::warning("].into_iter().chain(member) {
            found.extend(code.split(call).skip(1).filter_map(first_literal));
        }
    }
    found.retain(|summary| summary.contains(' ') && letters(summary).len() > 10);
    found
}

fn is_source(path: &str) -> bool {
    Path::new(path).extension().is_some_and(|extension| extension == "rs")
        && !path.starts_with("src/emulator")
}

/// With `…` for each value, as the page writes it.
fn first_literal(arguments: &str) -> Option<String> {
    let literal = arguments.trim_start().trim_start_matches("format!(").trim_start().strip_prefix('"')?;
    let mut parts = literal.split('"').next()?.split('{');
    let first = parts.next()?.to_owned();
    // A name in front is an argument's; the page writes it so.
    let value = |part: &str| if part.starts_with("name}") && first.is_empty() { "ARGUMENT" } else { "…" };
    let rest: String = parts
        .map(|part| part.split_once('}').map_or(String::new(), |(_, text)| value(part).to_owned() + text))
        .collect();
    Some(first + &rest)
}

/// What the order of the rows goes by.
fn letters(text: &str) -> String {
    let kept: String = text.to_lowercase().chars().filter(|c| c.is_alphanumeric() || *c == ' ').collect();
    kept.trim().to_owned()
}
