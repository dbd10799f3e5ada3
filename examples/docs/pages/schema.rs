//! Renders schemas as Markdown in the usual form of registry pages: required, optional and read-only attributes, then
//! a linked section for each nested attribute or block, in the order of the schema.

use terraform_provider_defender::terraform::schema::{
    Attribute, AttributeShape, Block, IdentityAttribute, IdentitySchema, NestedBlock, Nesting,
};
use terraform_provider_defender::terraform::ty::Type;

/// The groups of a section, by who sets the value.
const GROUPS: [&str; 3] = ["Required", "Optional", "Read-Only"];

/// One line of a section, with its nested section.
struct Entry<'a> {
    group: &'static str,
    name: &'a str,
    /// The text in parentheses after the name.
    kind: String,
    description: &'a str,
    deprecation: Option<&'a str>,
    nested: Option<Nested<'a>>,
}

/// The content of a nested attribute or block.
#[derive(Clone, Copy)]
struct Nested<'a> {
    /// The prefix of the anchor, which differs between attributes and blocks.
    anchor: &'static str,
    attributes: &'a [Attribute],
    blocks: &'a [NestedBlock],
}

/// Renders the section `## Schema` with its nested sections.
pub fn section(block: &Block) -> String {
    let root = Nested { anchor: "", attributes: &block.attributes, blocks: &block.blocks };
    let entries = root.entries();
    let groups = groups(&entries, &[], |group| format!("### {group}"));
    format!("## Schema\n\n{groups}{}", nested_sections(&entries, &[]))
}

/// Renders the attributes of an identity, without a heading.
pub fn identity(schema: &IdentitySchema) -> String {
    let entries: Vec<Entry<'_>> = schema.attributes.iter().map(identity_entry).collect();
    groups(&entries, &[], |group| format!("#### {group}"))
}

/// Renders the groups with entries. `path` is their path from the root.
fn groups(entries: &[Entry<'_>], path: &[&str], heading: impl Fn(&str) -> String) -> String {
    let mut text = String::new();
    for group in GROUPS {
        let lines: Vec<String> =
            entries.iter().filter(|entry| entry.group == group).map(|entry| entry.line(path)).collect();
        if !lines.is_empty() {
            text.extend([heading(group).as_str(), "\n\n", &lines.join("\n"), "\n\n"]);
        }
    }
    text
}

fn nested_sections(entries: &[Entry<'_>], path: &[&str]) -> String {
    let mut text = String::new();
    for entry in entries {
        let Some(nested) = entry.nested else { continue };
        let path = [path, &[entry.name]].concat();
        let (anchor, inner) = (nested.anchor_of(&path), nested.entries());
        let heading = format!("<a id=\"{anchor}\"></a>\n### Nested Schema for `{}`\n\n", path.join("."));
        text.push_str(&heading);
        text.push_str(&groups(&inner, &path, |group| format!("{group}:")));
        text.push_str(&nested_sections(&inner, &path));
    }
    text
}

impl<'a> Nested<'a> {
    fn entries(self) -> Vec<Entry<'a>> {
        self.attributes.iter().map(attribute_entry).chain(self.blocks.iter().map(block_entry)).collect()
    }

    fn anchor_of(self, path: &[&str]) -> String {
        format!("{}--{}", self.anchor, path.join("--"))
    }
}

impl Entry<'_> {
    fn line(&self, path: &[&str]) -> String {
        // Further paragraphs are indented, so that they belong to the same list item.
        let description = self.description.replace("\n\n", "\n\n  ");
        let link = self.nested.map_or_else(String::new, |nested| {
            let anchor = nested.anchor_of(&[path, &[self.name]].concat());
            format!(" (see [below for nested schema](#{anchor}))")
        });
        let deprecation = self.deprecation.map(|text| format!(" **Deprecated**: {text}")).unwrap_or_default();
        format!("- `{}` ({}) {description}{deprecation}{link}", self.name, self.kind)
    }
}

fn attribute_entry(attribute: &Attribute) -> Entry<'_> {
    let (mut kind, nested) = match &attribute.shape {
        AttributeShape::Plain(ty) => (type_name(ty), None),
        AttributeShape::Nested(nesting, attributes) => {
            let nested = Nested { anchor: "nestedatt", attributes, blocks: &[] };
            (format!("Attributes{}", suffix(*nesting)), Some(nested))
        }
    };
    let flags = [
        (attribute.sensitive, ", Sensitive"),
        (attribute.write_only, ", Write-only"),
        (attribute.deprecation.is_some(), ", Deprecated"),
    ];
    flags.into_iter().filter(|(applies, _)| *applies).for_each(|(_, flag)| kind.push_str(flag));
    let group = match &attribute.presence {
        presence if presence.is_required() => "Required",
        presence if presence.is_optional() => "Optional",
        _ => "Read-Only",
    };
    let (description, deprecation) = (attribute.description, attribute.deprecation);
    Entry { group, name: attribute.name, kind, description, deprecation, nested }
}

fn block_entry(block: &NestedBlock) -> Entry<'_> {
    let (min, max) = block.limits;
    let flags = match block.nesting {
        Nesting::Single => [(min == 0, ", Optional".to_owned()), (false, String::new())],
        _ => [(min > 0, format!(", Min: {min}")), (max > 0, format!(", Max: {max}"))],
    };
    let flags = flags.into_iter().filter(|(applies, _)| *applies).map(|(_, flag)| flag);
    let kind = format!("Block{}{}", suffix(block.nesting), flags.collect::<String>());
    Entry {
        group: if min > 0 { "Required" } else { "Optional" },
        name: block.name,
        kind,
        description: block.block.description,
        deprecation: None,
        nested: Some(Nested {
            anchor: "nestedblock",
            attributes: &block.block.attributes,
            blocks: &block.block.blocks,
        }),
    }
}

fn identity_entry(attribute: &IdentityAttribute) -> Entry<'_> {
    Entry {
        group: if attribute.required_for_import { "Required" } else { "Optional" },
        name: attribute.name,
        kind: type_name(&attribute.ty),
        description: attribute.description,
        deprecation: None,
        nested: None,
    }
}

fn suffix(nesting: Nesting) -> &'static str {
    match nesting {
        Nesting::Single => "",
        Nesting::List => " List",
        Nesting::Set => " Set",
        Nesting::Map => " Map",
    }
}

pub fn type_name(ty: &Type) -> String {
    match ty {
        Type::Bool => "Boolean".to_owned(),
        Type::Number => "Number".to_owned(),
        Type::String => "String".to_owned(),
        Type::Dynamic => "Dynamic".to_owned(),
        Type::List(element) => format!("List of {}", type_name(element)),
        Type::Set(element) => format!("Set of {}", type_name(element)),
        Type::Map(element) => format!("Map of {}", type_name(element)),
        Type::Tuple(_) => "Tuple".to_owned(),
        Type::Object(_) => "Object".to_owned(),
    }
}
