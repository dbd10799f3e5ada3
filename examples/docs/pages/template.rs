//! Fills templates: the hand-written part of a page, with placeholders for generated text.
//!
//! ```text
//! {{ front_matter }}       the YAML for the registry: title and description
//! {{ heading }}            the heading of the page
//! {{ description }}        the description of the root block
//! {{ example PATH }}       a file in examples/, as a code block
//! {{ own_example }}        the example of this resource or data source, as a code block
//! {{ schema }}             all attributes and blocks
//! {{ arguments NAME... }}  a table of these attributes with their variables; all tables together must be complete
//! {{ identity_schema }}    the attributes of the identity
//! ```
//!
//! Each placeholder is on a separate line. There are no conditions and no loops.

use std::path::Path;

use terraform_provider_defender::terraform::schema::{Block, IdentitySchema};

use super::{Outcome, arguments, files, schema};

/// The generated parts of a page.
pub struct Subject<'a> {
    pub page_title: String,
    pub heading: String,
    pub block: &'a Block,
    /// `None` except for resources.
    pub identity: Option<&'a IdentitySchema>,
    /// Whether the page names its subcategory for the registry.
    pub has_subcategory: bool,
    /// The path of its example in `examples/`.
    pub example: String,
}

/// Fills the template at `path`, relative to `root`.
pub fn fill(root: &Path, path: &str, subject: &Subject<'_>) -> Outcome<String> {
    let template = files::read(&root.join(path))?;
    let mut text = String::new();
    for (number, line) in template.lines().enumerate() {
        let filled = match placeholder(line) {
            Some(name) => subject
                .render(root, name)
                .map_err(|error| format!("{path}, line {}: {{{{ {name} }}}}: {error}", number + 1))?,
            None => line.to_owned(),
        };
        text.push_str(filled.trim_end());
        text.push('\n');
    }
    let tables = template.lines().filter_map(placeholder).filter_map(|name| name.strip_prefix("arguments "));
    let named: Vec<&str> = tables.flat_map(str::split_whitespace).collect();
    match arguments::find_missing(subject.block, &named) {
        Some(name) => Err(format!("{path}: no table of arguments contains {name}").into()),
        None => Ok(text),
    }
}

pub(super) fn placeholder(line: &str) -> Option<&str> {
    Some(line.trim().strip_prefix("{{")?.strip_suffix("}}")?.trim())
}

impl Subject<'_> {
    fn render(&self, root: &Path, name: &str) -> Outcome<String> {
        match name.split_once(' ') {
            Some(("example", path)) => return code_block(root, path),
            Some(("arguments", names)) => return arguments::table(self.block, names),
            Some(_) => return Err("there is no such placeholder".into()),
            None => {}
        }
        match (name, self.identity) {
            ("front_matter", _) => Ok(self.front_matter()),
            ("heading", _) => Ok(format!("# {}", self.heading)),
            ("description", _) => Ok(self.block.description.to_owned()),
            ("own_example", _) => code_block(root, &self.example),
            ("schema", _) => Ok(schema::section(self.block)),
            ("identity_schema", Some(identity)) => Ok(schema::identity(identity)),
            ("identity_schema", None) => Err("only resources have an identity".into()),
            _ => Err("there is no such placeholder".into()),
        }
    }

    /// Uses the first paragraph of the description, without Markdown, for search results and link previews.
    fn front_matter(&self) -> String {
        front_matter(&self.page_title, self.block.description, self.has_subcategory)
    }
}

/// The YAML at the top of a page.
pub(super) fn front_matter(title: &str, description: &str, has_subcategory: bool) -> String {
    let first = description.split("\n\n").next().unwrap_or_default();
    let plain = first.replace(['`', '*'], "").replace('\n', " ");
    let subcategory = if has_subcategory { "subcategory: \"\"\n" } else { "" };
    format!("---\npage_title: \"{title}\"\n{subcategory}description: |-\n  {plain}\n---")
}

pub(super) fn code_block(root: &Path, path: &str) -> Outcome<String> {
    let language = match Path::new(path).extension().and_then(|extension| extension.to_str()) {
        Some("tf" | "hcl") => "terraform",
        Some("sh") => "shell",
        _ => return Err("only .tf, .hcl and .sh files are supported".into()),
    };
    let text = files::read(&root.join("examples").join(path))?;
    Ok(format!("```{language}\n{}\n```", text.trim_end()))
}
