//! Tables of attributes with their environment variables. The full descriptions are in the schema section.

use terraform_provider_defender::terraform::schema::{Attribute, Block};

use super::Outcome;

/// Renders a table of the attributes with these names, separated by spaces, in this order.
pub fn table(block: &Block, names: &str) -> Outcome<String> {
    let mut lines = vec![
        "| argument | environment variables; the first one that is set is used | meaning |".to_owned(),
        "| --- | --- | --- |".to_owned(),
    ];
    for name in names.split_whitespace() {
        let attribute = block.attributes.iter().find(|attribute| attribute.name == name);
        lines.push(render_row(attribute.ok_or_else(|| format!("there is no argument {name}"))?));
    }
    Ok(lines.join("\n"))
}

/// An attribute that is missing in all tables. `None` if there are no tables.
pub fn find_missing(block: &Block, tabled: &[&str]) -> Option<&'static str> {
    let mut names = block.attributes.iter().map(|attribute| attribute.name);
    names.find(|name| !tabled.is_empty() && !tabled.contains(name))
}

fn render_row(attribute: &Attribute) -> String {
    let variables: Vec<String> = attribute.variables.iter().map(|name| format!("`{name}`")).collect();
    let sensitive = if attribute.sensitive { " (sensitive)" } else { "" };
    let meaning = first_sentence(attribute.description);
    format!("| `{}`{sensitive} | {} | {meaning} |", attribute.name, variables.join("<br>"))
}

fn first_sentence(text: &str) -> &str {
    text.split_once(". ").map_or(text.trim_end_matches('.'), |(first, _)| first)
}
