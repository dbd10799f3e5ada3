//! Pages of functions: signature and arguments in the usual form of the registry.

use std::path::Path;

use terraform_provider_defender::terraform::function::{Parameter, Signature};

use super::{DOCS, Outcome, Page, files, schema, template};

/// The page of a function.
pub fn page(root: &Path, template: &str, signature: &Signature) -> Outcome<Page> {
    let mut text = String::new();
    for line in files::read(&root.join(template))?.lines() {
        match template::placeholder(line) {
            Some(name) => text.push_str(part(root, name, signature)?.trim_end()),
            None => text.push_str(line),
        }
        text.push('\n');
    }
    Ok(Page { path: format!("{DOCS}/functions/{}.md", signature.name), text })
}

fn part(root: &Path, name: &str, signature: &Signature) -> Outcome<String> {
    let function = signature.name;
    Ok(match name {
        "front_matter" => {
            template::front_matter(&format!("{function} function - Defender"), signature.summary, true)
        }
        "heading" => format!("# function: {function}"),
        "description" => signature.description.to_owned(),
        "own_example" => template::code_block(root, &format!("functions/{function}/function.tf"))?,
        "signature" => declaration(signature),
        "parameters" => parameters(signature),
        _ => return Err(format!("there is no placeholder {name}").into()),
    })
}

fn declaration(signature: &Signature) -> String {
    let declared = |parameter: &Parameter| {
        format!("{} {}", parameter.name, schema::type_name(&parameter.ty).to_lowercase())
    };
    let variadic = signature.variadic_parameter.iter().map(|parameter| format!("{}...", declared(parameter)));
    let parameters: Vec<String> = signature.parameters.iter().map(declared).chain(variadic).collect();
    let returns = schema::type_name(&signature.returns).to_lowercase();
    format!("```text\n{}({}) {returns}\n```", signature.name, parameters.join(", "))
}

fn parameters(signature: &Signature) -> String {
    let line = |(position, parameter): (usize, &Parameter), variadic: &str| {
        let kind = schema::type_name(&parameter.ty);
        let description = parameter.description.replace("\n\n", "\n\n   ");
        format!("{}. `{}` ({variadic}{kind}) {description}", position + 1, parameter.name)
    };
    let fixed = signature.parameters.iter().enumerate().map(|parameter| line(parameter, ""));
    let count = signature.parameters.len();
    let variadic =
        signature.variadic_parameter.iter().map(|parameter| line((count, parameter), "Variadic, "));
    fixed.chain(variadic).collect::<Vec<_>>().join("\n")
}
