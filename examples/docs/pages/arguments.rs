//! Tables of attributes with the environment variables that stand in for them. The long descriptions stay in the
//! schema section.

use terraform_provider_defender::terraform::schema::{Attribute, Block};

use super::Outcome;

/// The attributes of these names, separated by blanks, in this order.
pub fn table(block: &Block, names: &str) -> Outcome<String> {
    let mut lines = vec![
        "| argument | environment variables, the first set wins | meaning |".to_owned(),
        "| --- | --- | --- |".to_owned(),
    ];
    for name in names.split_whitespace() {
        let attribute = block.attributes.iter().find(|attribute| attribute.name == name);
        lines.push(line(attribute.ok_or_else(|| format!("there is no argument {name}"))?));
    }
    Ok(lines.join("\n"))
}

/// An attribute that none of the tables has, if there are tables and they are not complete.
pub fn left_out(block: &Block, tabled: &[&str]) -> Option<&'static str> {
    let mut names = block.attributes.iter().map(|attribute| attribute.name);
    names.find(|name| !tabled.is_empty() && !tabled.contains(name))
}

fn line(attribute: &Attribute) -> String {
    let variables: Vec<String> = attribute.variables.iter().map(|name| format!("`{name}`")).collect();
    let sensitive = if attribute.sensitive { " (sensitive)" } else { "" };
    let meaning = first_sentence(attribute.description);
    format!("| `{}`{sensitive} | {} | {meaning} |", attribute.name, variables.join("<br>"))
}

fn first_sentence(text: &str) -> &str {
    text.split_once(". ").map_or(text.trim_end_matches('.'), |(first, _)| first)
}
