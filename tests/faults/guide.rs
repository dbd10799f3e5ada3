//! Compares the tables of the guide with the tested tables, and both with the list of tests.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use crate::behaviour::Behaviour;
use crate::case::Operation;
use crate::{reading, writing};

/// A fault and the reaction of each operation in which it can occur.
pub type Row = (&'static str, &'static [(&'static str, Behaviour)]);

const GUIDE: &str = "docs/guides/faults.md";
/// The cell of an operation in which the fault cannot occur.
const NEVER: &str = "–";

/// The tables by the names of their modules and by their headings in the guide.
const TABLES: [(&str, &str, &[Row]); 2] = [
    ("reading", "## While the provider reads", reading::ROWS),
    ("writing", "## When the provider writes", writing::ROWS),
];

#[test]
fn the_table_in_the_guide_is_the_one_tested() {
    let guide = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(GUIDE)).unwrap();
    for (name, heading, rows) in TABLES {
        let written = rows_below(&guide, heading);
        let tested: Vec<Vec<String>> = rows.iter().map(cells).collect();
        let only = |these: &[Vec<String>], those: &[Vec<String>]| -> Vec<String> {
            let missing = these.iter().filter(|row| !those.contains(row));
            missing.map(|row| format!("| {} |", row.join(" | "))).collect()
        };
        let (untested, untold) = (only(&written, &tested), only(&tested, &written));
        assert!(
            untested.is_empty() && untold.is_empty(),
            "{GUIDE}, table {name}\nonly in the guide: {untested:#?}\nonly in the tests: {untold:#?}"
        );
        assert_eq!(
            written, tested,
            "{GUIDE}, table {name}: the rows are in the order of the tests, each once"
        );
    }
}

#[test]
fn every_cell_is_a_test_of_its_name() {
    let listed = Command::new(std::env::current_exe().unwrap()).arg("--list").output().unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    let tests: BTreeSet<&str> = listed.lines().filter_map(|line| line.strip_suffix(": test")).collect();
    let mut cells = BTreeSet::new();
    for (table, _, rows) in TABLES {
        for (fault, row) in rows {
            cells.extend(row.iter().map(|(operation, _)| format!("{table}::{fault}::{operation}")));
        }
    }
    let is_cell = |test: &&&str| TABLES.iter().any(|(table, ..)| test.starts_with(&format!("{table}::")));
    let tests: BTreeSet<String> = tests.iter().filter(is_cell).map(|test| (*test).to_owned()).collect();
    assert_eq!(cells, tests);
}

#[test]
fn the_words_of_the_tables_are_explained() {
    let guide = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(GUIDE)).unwrap();
    let legend = table_below(&guide, "## The words of the tables");
    let explained: BTreeSet<String> = legend.iter().map(|row| row[0].clone()).collect();
    let rows = TABLES.iter().flat_map(|(_, _, rows)| rows.iter());
    let used: BTreeSet<String> = rows.flat_map(|row| cells(row).into_iter().skip(1)).collect();
    assert_eq!(explained, used);
}

/// A row of the guide, with the fault in the spelling of the code.
fn cells(row: &Row) -> Vec<String> {
    let (fault, behaviours) = row;
    let word = |operation: Operation| {
        let found = behaviours.iter().find(|(name, _)| *name == operation.name());
        found.map_or(NEVER, |(_, behaviour)| behaviour.word()).to_owned()
    };
    std::iter::once((*fault).to_owned()).chain(Operation::ALL.into_iter().map(word)).collect()
}

fn rows_below(guide: &str, heading: &str) -> Vec<Vec<String>> {
    let mut rows = table_below(guide, heading);
    for row in &mut rows {
        row[0] = name_of(&row[0]);
    }
    rows
}

/// The rows of the first table below a heading, without its head.
fn table_below(guide: &str, heading: &str) -> Vec<Vec<String>> {
    let (_, section) =
        guide.split_once(&format!("\n{heading}\n")).unwrap_or_else(|| panic!("no {heading:?}"));
    let lines =
        section.lines().skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|'));
    let split = |line: &str| line.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect();
    lines.skip(2).map(split).collect()
}

/// `Throttled once, with Retry-After (429, 503)` is `throttled_once_with_retry_after` in the code.
fn name_of(fault: &str) -> String {
    let plain = fault.split(" (").next().unwrap_or_default();
    let words = plain.split([' ', '-']).map(|word| word.replace(|c: char| !c.is_alphanumeric(), ""));
    words.collect::<Vec<_>>().join("_").to_lowercase()
}
