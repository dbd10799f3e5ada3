//! Generates the reference page of the emulator from its command line and its tables.

use std::path::Path;

use clap::CommandFactory;
use terraform_provider_defender::emulator::reference::{
    CONTROL_ROUTES, Entry, FAULT_EFFECTS, GRAPH_ROUTES, SIGN_IN_ROUTES,
};
use terraform_provider_defender::emulator::{Arguments, SEMANTICS_CHOICES, Semantics};

use super::{Outcome, Page, TEMPLATES, files, template};

const NAME: &str = "guides/emulator.md";
const REQUIREMENTS: &str = "tests/other_clients/requirements.txt";

/// The page.
pub fn page(root: &Path) -> Outcome<Page> {
    let text = files::read(&root.join(format!("{TEMPLATES}/{NAME}")))?;
    let mut filled = String::new();
    for line in text.lines() {
        match template::placeholder(line) {
            Some(name) => filled.push_str(&part(root, name)?),
            None => filled.push_str(line),
        }
        filled.push('\n');
    }
    Ok(Page { path: format!("docs/{NAME}"), text: filled })
}

fn part(root: &Path, name: &str) -> Outcome<String> {
    Ok(match name {
        "options" => options(),
        "graph_routes" => table("request", "answer", &GRAPH_ROUTES),
        "sign_in_routes" => table("request", "answer", &SIGN_IN_ROUTES),
        "control_routes" => table("request", "effect", &CONTROL_ROUTES),
        "faults" => table("effect", "what happens", &FAULT_EFFECTS),
        "choices" => choices(),
        "clients" => clients(&files::read(&root.join(REQUIREMENTS))?),
        _ => return Err(format!("{NAME}: there is no placeholder {name}").into()),
    })
}

fn options() -> String {
    let command = Arguments::command();
    let rows = command.get_arguments().filter(|argument| argument.get_long() != Some("help"));
    let rows = rows.filter_map(|argument| {
        let value = argument.get_value_names().filter(|_| argument.get_action().takes_values());
        let value = value.and_then(<[_]>::first).map(|name| format!(" {name}")).unwrap_or_default();
        let help = argument.get_long_help().or_else(|| argument.get_help())?.to_string();
        let default = argument.get_default_values().first().filter(|_| argument.get_action().takes_values());
        let default = default.map(|value| format!("`{}`", value.display())).unwrap_or_default();
        Some(format!("| `--{}{value}` | {} | {default} |", argument.get_long()?, cell(&help)))
    });
    format!("| option | meaning | default |\n| --- | --- | --- |\n{}", rows.collect::<Vec<_>>().join("\n"))
}

fn table(first: &str, second: &str, entries: &[Entry]) -> String {
    let rows = entries.iter().map(|entry| format!("| `{}` | {} |", entry.form, cell(entry.meaning)));
    format!("| {first} | {second} |\n| --- | --- |\n{}", rows.collect::<Vec<_>>().join("\n"))
}

/// The emulator's own value comes first.
fn choices() -> String {
    let own = serde_json::to_value(Semantics::for_modules()).unwrap_or_default();
    let own = |name: &str| own.get(name).map(|value| value.to_string().replace('"', "")).unwrap_or_default();
    let rows = SEMANTICS_CHOICES.iter().map(|choice| {
        let own = own(choice.name);
        let others = choice.values.iter().filter(|value| **value != own).map(|value| format!("`{value}`"));
        let values: Vec<String> = std::iter::once(format!("`{own}`")).chain(others).collect();
        format!("| `{}` | {} | {} |", choice.name, cell(choice.question), values.join(", "))
    });
    let rows: Vec<String> = rows.collect();
    format!("| choice | open question | values |\n| --- | --- | --- |\n{}", rows.join("\n"))
}

fn clients(requirements: &str) -> String {
    let rows = requirements.lines().filter_map(|line| line.split_once("=="));
    let rows: Vec<String> = rows
        .filter(|(name, _)| *name != "Deprecated")
        .map(|(name, version)| format!("| {name} | {version} |"))
        .collect();
    format!("| package | version |\n| --- | --- |\n{}", rows.join("\n"))
}

/// One line, without the separator of columns.
fn cell(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}
