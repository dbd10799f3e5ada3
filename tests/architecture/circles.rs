//! Circles between source files: groups of files that all need each other.
//!
//! A file needs the files that define the items it names, by `use` or by a path in the code. Neither `mod`
//! declarations nor code for tests count. A module that only declares and re-exports is transparent: an item that is
//! imported from it counts for the file that defines the item, and a `pub use` counts for the module itself only if
//! its own code uses the name, too. So a `mod.rs` may offer what its children define, but its children must not
//! import what it defines if it needs them.

use std::collections::{BTreeMap, BTreeSet};

use crate::source::{Path, Source};

/// `super` and re-exports are followed at most so many times for one path.
const LONGEST_CHAIN: usize = 20;

/// A module by its names below the crate: `emulator`, `model`, `policy`.
type ModulePath = Vec<String>;

/// The files of a crate by what they need.
pub type Needs = BTreeMap<String, BTreeSet<String>>;

/// The modules of a crate.
struct Modules<'a> {
    sources: BTreeMap<&'a str, Source>,
    /// The file that holds a module. An inline module is in the file of the module around it.
    files: BTreeMap<ModulePath, String>,
}

/// The circles of a crate, as one text each that lists the files and what they need of each other. `texts` are its
/// files by their path below `src`.
pub fn circles(texts: &BTreeMap<String, String>) -> Vec<String> {
    let needs = needs(texts);
    let reachable: Needs = needs.keys().map(|file| (file.clone(), reachable(&needs, file))).collect();
    let circle_of = |file: &String| -> BTreeSet<String> {
        reachable[file].iter().filter(|other| reachable[*other].contains(file)).cloned().collect()
    };
    let circles: BTreeSet<BTreeSet<String>> =
        needs.keys().map(circle_of).filter(|circle| circle.len() > 1).collect();
    circles.iter().map(|circle| render(circle, &needs)).collect()
}

fn render(circle: &BTreeSet<String>, needs: &Needs) -> String {
    let line = |file: &String| {
        let inside: Vec<&str> = needs[file].intersection(circle).map(String::as_str).collect();
        format!("  {file} needs {}\n", inside.join(", "))
    };
    format!("{} files need each other:\n{}", circle.len(), circle.iter().map(line).collect::<String>())
}

/// The files that a file needs, and those that they need in turn.
fn reachable(needs: &Needs, start: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open = vec![start];
    while let Some(file) = open.pop() {
        for needed in needs.get(file).into_iter().flatten() {
            if found.insert(needed.clone()) {
                open.push(needed);
            }
        }
    }
    found
}

/// What each file of a crate needs, itself excepted.
pub fn needs(texts: &BTreeMap<String, String>) -> Needs {
    let modules = Modules::read(texts);
    modules.files.iter().map(|(module, file)| (file.clone(), modules.needs_of(module))).fold(
        Needs::new(),
        |mut needs, (file, more)| {
            needs.entry(file).or_default().extend(more);
            needs
        },
    )
}

impl<'a> Modules<'a> {
    fn read(texts: &'a BTreeMap<String, String>) -> Self {
        let sources = texts.iter().map(|(file, text)| (file.as_str(), Source::parse(text))).collect();
        let mut modules = Self { sources, files: BTreeMap::new() };
        modules.declare(&Vec::new(), "lib.rs");
        modules
    }

    /// Follows the declarations, so that files which only tests declare stay out.
    fn declare(&mut self, module: &ModulePath, file: &str) {
        let Some(source) = self.sources.get(file) else { return };
        let (children, inline_modules) = (source.children.clone(), source.inline_modules.clone());
        let folder = match file.rsplit_once('/') {
            _ if file == "lib.rs" => String::new(),
            Some((folder, "mod.rs")) => format!("{folder}/"),
            _ => format!("{}/", file.trim_end_matches(".rs")),
        };
        self.files.insert(module.clone(), file.to_owned());
        for name in inline_modules {
            self.files.insert([module.as_slice(), &[name]].concat(), file.to_owned());
        }
        for name in children {
            let places = [format!("{folder}{name}.rs"), format!("{folder}{name}/mod.rs")];
            if let Some(place) = places.iter().find(|place| self.sources.contains_key(place.as_str())) {
                self.declare(&[module.as_slice(), &[name]].concat(), place);
            }
        }
    }

    fn needs_of(&self, module: &ModulePath) -> BTreeSet<String> {
        let file = &self.files[module];
        let source = &self.sources[file.as_str()];
        let imports = source.imports.iter().filter(|import| !import.is_reexport || source.uses(&import.name));
        let paths = imports.map(|import| &import.path).chain(&source.paths);
        let needed = paths.filter_map(|path| self.defining_file(module, path, LONGEST_CHAIN));
        needed.filter(|needed| needed != file).collect()
    }

    /// The file that defines what a path in `module` names; none for another crate's items, and for a module by itself.
    fn defining_file(&self, module: &ModulePath, path: &Path, chain: usize) -> Option<String> {
        let (found, rest) = self.locate(module, path, chain)?;
        (!rest.is_empty()).then(|| self.files[&found].clone())
    }

    /// The innermost module on a path, and the names after it.
    fn locate(&self, module: &ModulePath, path: &Path, chain: usize) -> Option<(ModulePath, Vec<String>)> {
        let chain = chain.checked_sub(1)?;
        let (first, rest) = path.segments.split_first()?;
        let around: ModulePath = module.iter().chain(&path.inline_module).cloned().collect();
        let around = if self.files.contains_key(&around) { around } else { module.clone() };
        let start = match first.as_str() {
            "crate" => Vec::new(),
            "self" => around,
            "super" => around[..around.len().checked_sub(1)?].to_vec(),
            _ => return self.descend(&around, &path.segments, chain).filter(|(found, _)| *found != around),
        };
        if rest.first().is_some_and(|next| next == "super") {
            return self.locate(&start, &Path { inline_module: None, segments: rest.to_vec() }, chain);
        }
        self.descend(&start, rest, chain)
    }

    /// Walks down from a module, by child modules and by names that it imports.
    fn descend(
        &self,
        start: &ModulePath,
        names: &[String],
        chain: usize,
    ) -> Option<(ModulePath, Vec<String>)> {
        let Some((first, rest)) = names.split_first() else { return Some((start.clone(), Vec::new())) };
        let child: ModulePath = [&**start, std::slice::from_ref(first)].concat();
        if self.files.contains_key(&child) {
            return self.descend(&child, rest, chain);
        }
        let source = &self.sources[self.files.get(start)?.as_str()];
        let Some(import) = source.import(first) else { return Some((start.clone(), names.to_vec())) };
        let segments = import.path.segments.iter().chain(rest).cloned().collect();
        let path = Path { inline_module: import.path.inline_module.clone(), segments };
        self.locate(start, &path, chain)
    }
}

#[cfg(test)]
fn crate_of(files: &[(&str, &str)]) -> BTreeMap<String, String> {
    files.iter().map(|(file, text)| ((*file).to_owned(), (*text).to_owned())).collect()
}

#[test]
fn a_circle_is_listed_with_its_files() {
    let texts = crate_of(&[
        ("lib.rs", "mod a;"),
        ("a/mod.rs", "mod b; mod c; mod d;"),
        ("a/b.rs", "use super::c::C;"),
        ("a/c.rs", "fn f() { crate::a::d::g(); }"),
        ("a/d.rs", "use crate::a::{b::B, e::E};"),
    ]);
    assert_eq!(
        circles(&texts),
        ["3 files need each other:\n  a/b.rs needs a/c.rs\n  a/c.rs needs a/d.rs\n  a/d.rs needs a/b.rs\n"]
    );
}

#[test]
fn a_module_that_only_reexports_is_transparent() {
    let texts = crate_of(&[
        ("lib.rs", "pub mod a;"),
        ("a/mod.rs", "mod b; mod c; pub use b::B;"),
        ("a/b.rs", "pub struct B;"),
        ("a/c.rs", "use super::B; use super::b::{self as other};  fn f(b: other::B) {}"),
    ]);
    assert_eq!(needs(&texts)["a/c.rs"], BTreeSet::from(["a/b.rs".to_owned()]));
    assert!(needs(&texts)["a/mod.rs"].is_empty());
}

#[test]
fn a_module_that_uses_its_children_must_not_be_used_by_them() {
    let texts = crate_of(&[
        ("lib.rs", "pub mod a;"),
        ("a/mod.rs", "mod b; pub use b::B; pub struct A(B);"),
        ("a/b.rs", "pub struct B; impl B { fn f(a: &super::A) {} }"),
    ]);
    assert_eq!(circles(&texts).len(), 1);
}
