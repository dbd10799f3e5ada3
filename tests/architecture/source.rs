//! What one source file declares and names: child modules, imports and paths. Code that is compiled for tests only
//! is left out.

use std::collections::BTreeSet;

use crate::tokens::{is_name, tokens};

/// The modules and paths in one source file.
#[derive(Debug, Default)]
pub struct Source {
    /// `mod name;`
    pub children: Vec<String>,
    /// `mod name { … }`
    pub inline_modules: Vec<String>,
    /// One entry for each name that a `use` brings in.
    pub imports: Vec<Import>,
    /// `a::b::C` anywhere else in the code.
    pub paths: Vec<Path>,
    /// Names in the code that are neither part of a longer path nor of a `use`.
    names: BTreeSet<String>,
}

/// A path as written, and the inline module around it.
#[derive(Clone, Debug)]
pub struct Path {
    /// The inline module around it, if any.
    pub inline_module: Option<String>,
    /// `super`, `model`, `Policy`
    pub segments: Vec<String>,
}

/// A name that a `use` brings in.
#[derive(Clone, Debug)]
pub struct Import {
    /// The name in this file.
    pub name: String,
    /// The path behind the name.
    pub path: Path,
    /// Whether it is a `pub use`, of any visibility.
    pub is_reexport: bool,
}

impl Source {
    /// Reads the text of a file.
    pub fn parse(code: &str) -> Self {
        let mut parser =
            Parser { tokens: tokens(code), at: 0, depth: 0, inline_module: None, source: Self::default() };
        while parser.at < parser.tokens.len() {
            parser.step();
        }
        parser.source
    }

    /// The import of a name, if a `use` brings it into this file.
    pub fn import(&self, name: &str) -> Option<&Import> {
        self.imports.iter().find(|import| import.name == name)
    }

    /// Whether the code uses a name by itself, rather than only passing it on.
    pub fn uses(&self, name: &str) -> bool {
        self.names.contains(name)
    }
}

struct Parser {
    tokens: Vec<String>,
    at: usize,
    depth: usize,
    /// The inline module and the depth of its braces. This crate does not nest them.
    inline_module: Option<(String, usize)>,
    source: Source,
}

impl Parser {
    /// The token at a distance from the current one, or an empty text.
    fn peek(&self, distance: usize) -> &str {
        self.tokens.get(self.at + distance).map_or("", String::as_str)
    }

    fn previous(&self) -> &str {
        self.at.checked_sub(1).map_or("", |at| &self.tokens[at])
    }

    fn starts_with(&self, expected: &[&str]) -> bool {
        expected.iter().enumerate().all(|(distance, token)| self.peek(distance) == *token)
    }

    fn step(&mut self) {
        match self.peek(0) {
            "#" if self.starts_with(&["#", "[", "cfg", "(", "test", ")", "]"]) => self.skip_test_item(),
            "mod" if is_name(self.peek(1)) => self.read_module(),
            "use" => self.read_use(),
            "{" => self.open_brace(),
            "}" => self.close_brace(),
            token if is_name(token) && self.previous() != "::" => self.read_path(),
            _ => self.at += 1,
        }
    }

    fn open_brace(&mut self) {
        self.depth += 1;
        self.at += 1;
    }

    fn close_brace(&mut self) {
        self.depth -= 1;
        self.at += 1;
        if self.inline_module.as_ref().is_some_and(|(_, depth)| *depth == self.depth) {
            self.inline_module = None;
        }
    }

    /// Skips to the end of the item: its semicolon, or its block.
    fn skip_test_item(&mut self) {
        while !matches!(self.peek(0), ";" | "{" | "") {
            self.at += 1;
        }
        let mut depth = 0_usize;
        loop {
            match self.peek(0) {
                "{" => depth += 1,
                "}" => depth -= 1,
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return;
            }
        }
    }

    fn read_module(&mut self) {
        let name = self.peek(1).to_owned();
        if self.peek(2) == ";" {
            self.source.children.push(name);
        } else {
            self.inline_module = Some((name.clone(), self.depth));
            self.source.inline_modules.push(name);
        }
        self.at += 2;
    }

    fn path(&self, segments: Vec<String>) -> Path {
        Path { inline_module: self.inline_module.as_ref().map(|(name, _)| name.clone()), segments }
    }

    fn read_path(&mut self) {
        let mut segments = vec![self.peek(0).to_owned()];
        let is_member = self.previous() == ".";
        while self.peek(1) == "::" && is_name(self.peek(2)) {
            segments.push(self.peek(2).to_owned());
            self.at += 2;
        }
        self.at += 1;
        if segments.len() > 1 {
            self.source.paths.push(self.path(segments));
        } else if !is_member {
            self.source.names.extend(segments);
        }
    }

    fn read_use(&mut self) {
        // `pub use` and `pub(super) use`.
        let is_reexport = matches!(self.previous(), "pub" | ")");
        self.at += 1;
        self.read_use_tree(&[], is_reexport);
    }

    fn read_use_tree(&mut self, prefix: &[String], is_reexport: bool) {
        let mut segments = prefix.to_vec();
        while is_name(self.peek(0)) {
            segments.push(self.peek(0).to_owned());
            self.at += 1;
            if self.peek(0) == "::" {
                self.at += 1;
            } else {
                return self.finish_import(segments, is_reexport);
            }
        }
        let is_group = self.peek(0) == "{";
        self.at += 1;
        while is_group && self.previous() != "}" {
            self.read_use_tree(&segments, is_reexport);
            self.at += usize::from(matches!(self.peek(0), "," | "}"));
            self.at += usize::from(self.previous() == "," && self.peek(0) == "}");
        }
    }

    fn finish_import(&mut self, mut segments: Vec<String>, is_reexport: bool) {
        if segments.len() > 1 && segments.last().is_some_and(|last| last == "self") {
            segments.pop();
        }
        let renamed = self.peek(0) == "as";
        let name = if renamed { self.peek(1) } else { segments.last().map_or("", String::as_str) }.to_owned();
        self.at += if renamed { 2 } else { 0 };
        let path = self.path(segments);
        self.source.imports.push(Import { name, path, is_reexport });
    }
}

#[cfg(test)]
fn written(source: &Source) -> Vec<String> {
    let import = |import: &Import| format!("{} = {}", import.name, import.path.segments.join("::"));
    source.imports.iter().map(import).collect()
}

#[test]
fn every_form_of_use_is_read() {
    let source = Source::parse(
        "use super::a::{self, B, c::{D, E as F}};
         pub(super) use g::H;
         use crate::i as j;
         use k::*;
         mod l;",
    );
    assert_eq!(
        written(&source),
        [
            "a = super::a",
            "B = super::a::B",
            "D = super::a::c::D",
            "F = super::a::c::E",
            "H = g::H",
            "j = crate::i"
        ]
    );
    assert!(source.import("H").unwrap().is_reexport && !source.import("B").unwrap().is_reexport);
    assert_eq!(source.children, ["l"]);
}

#[test]
fn code_for_tests_is_left_out() {
    let source = Source::parse(
        "#[cfg(test)] mod a;
         #[cfg(test)] mod tests { use b::C; fn f() { d::e(); } }
         fn g() { super::h(); i.j(); }",
    );
    assert!(source.children.is_empty() && source.imports.is_empty());
    let paths: Vec<String> = source.paths.iter().map(|path| path.segments.join("::")).collect();
    assert_eq!(paths, ["super::h"]);
    assert!(source.uses("i") && !source.uses("j"));
}
