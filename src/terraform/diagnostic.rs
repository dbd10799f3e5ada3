//! Diagnostics: errors and warnings for the user, and a collection without duplicates.

use super::attribute_path::AttributePath;

/// The most characters of a value that a message shows.
const MAX_QUOTED_CHARS: usize = 100;

/// The most items that [`list`], [`paragraphs`] and [`series`] show.
const MAX_LISTED: usize = 10;

/// The severity of a diagnostic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Severity {
    /// The operation failed.
    Error,
    /// The operation continued.
    Warning,
}

/// One error or warning for the user.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Diagnostic {
    /// Whether the operation failed.
    pub severity: Severity,
    /// One line that names the object and the problem. Terraform adds "Error:" itself.
    pub summary: String,
    /// What happened, where, and what to do next. May have several lines.
    pub detail: String,
    /// The attribute, if the cause is in the configuration.
    pub path: Option<AttributePath>,
}

impl Diagnostic {
    /// An error without a path.
    pub fn error(summary: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { severity: Severity::Error, summary: summary.into(), detail: detail.into(), path: None }
    }

    /// A warning without a path.
    pub fn warning(summary: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, summary: summary.into(), detail: detail.into(), path: None }
    }

    /// The same diagnostic, attached to an attribute.
    #[must_use]
    pub fn at(mut self, path: AttributePath) -> Self {
        self.path = Some(path);
        self
    }
}

/// A value as messages show it: quoted, with escapes for control characters, at most [`MAX_QUOTED_CHARS`] long.
pub fn quote(value: &str) -> String {
    match value.char_indices().nth(MAX_QUOTED_CHARS) {
        Some((end, _)) => format!("{:?}… ({} bytes)", value.get(..end).unwrap_or_default(), value.len()),
        None => format!("{value:?}"),
    }
}

/// Items of a message, one a line: the first [`MAX_LISTED`] and the number of the others. Ends with a line break.
pub fn list(items: impl IntoIterator<Item = String>) -> String {
    first(items).iter().flat_map(|line| ["- ", line, "\n"]).collect()
}

/// Items of several lines, with empty lines between them: the first [`MAX_LISTED`] and the number of the others.
pub fn paragraphs(items: impl IntoIterator<Item = String>) -> String {
    first(items).join("\n\n")
}

/// Items within a line: the first [`MAX_LISTED`] and the number of the others.
pub fn series(items: impl IntoIterator<Item = String>, separator: &str) -> String {
    first(items).join(separator)
}

/// The first [`MAX_LISTED`] items, and one that says how many are left out.
fn first(items: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut items = items.into_iter();
    let mut shown: Vec<String> = items.by_ref().take(MAX_LISTED).collect();
    if let more @ 1.. = items.count() {
        shown.push(format!("and {more} more"));
    }
    shown
}

/// Diagnostics without duplicates, in the order in which they were added.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
}

impl Diagnostics {
    /// An empty collection.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a diagnostic unless the collection already has an equal one.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        if !self.list.contains(&diagnostic) {
            self.list.push(diagnostic);
        }
    }

    /// Adds each diagnostic unless the collection already has an equal one.
    pub fn extend(&mut self, others: impl IntoIterator<Item = Diagnostic>) {
        for diagnostic in others {
            self.push(diagnostic);
        }
    }

    /// Whether any diagnostic is an error.
    pub fn has_errors(&self) -> bool {
        self.list.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// Whether the collection is empty.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Iterates in the order in which diagnostics were added.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.list.iter()
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Self {
        Self { list: vec![diagnostic] }
    }
}

impl FromIterator<Diagnostic> for Diagnostics {
    fn from_iter<I: IntoIterator<Item = Diagnostic>>(diagnostics: I) -> Self {
        let mut all = Self::new();
        all.extend(diagnostics);
        all
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.list.into_iter()
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_values_are_shortened_and_control_characters_escaped() {
        assert_eq!(quote("Sales\u{1b}[2J\n"), r#""Sales\u{1b}[2J\n""#);
        assert_eq!(quote(&"é".repeat(100)), format!("{:?}", "é".repeat(100)));
        assert_eq!(quote(&"é".repeat(101)), format!("{:?}… (202 bytes)", "é".repeat(100)));
    }

    #[test]
    fn ten_items_are_shown_and_the_others_counted() {
        let items = |count: usize| (1..=count).map(|number| number.to_string());
        assert_eq!(series(items(10), " "), "1 2 3 4 5 6 7 8 9 10");
        assert_eq!(series(items(12), " "), "1 2 3 4 5 6 7 8 9 10 and 2 more");
        assert_eq!(paragraphs(items(2)), "1\n\n2");
        assert_eq!(list(items(2)), "- 1\n- 2\n");
    }

    #[test]
    fn the_same_diagnostic_is_kept_once() {
        let mut diagnostics = Diagnostics::new();
        diagnostics.push(Diagnostic::warning("Policy is shared", "Two resources read it."));
        diagnostics.push(Diagnostic::warning("Policy is shared", "Two resources read it."));
        assert_eq!(diagnostics.iter().count(), 1);
        assert!(!diagnostics.has_errors());
    }
}
