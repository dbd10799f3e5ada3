//! Schemas as Markdown, in the form that readers know from registry pages: required, optional and read-only
//! attributes, then a section for each that has attributes of its own, linked by anchors. Order is the schema's.

use terraform_provider_defender::terraform::schema::{
    Attribute, Block, IdentityAttribute, IdentitySchema, NestedBlock, Nesting, Shape,
};
use terraform_provider_defender::terraform::ty::Type;

/// Who sets a value; the three groups of a section.
const GROUPS: [&str; 3] = ["Required", "Optional", "Read-Only"];

/// One line of a section, and the section that it leads to.
struct Entry<'a> {
    group: &'static str,
    name: &'a str,
    /// What stands in brackets behind the name.
    kind: String,
    description: &'a str,
    deprecation: Option<&'a str>,
    nested: Option<Nested<'a>>,
}

/// Something with attributes of its own.
#[derive(Clone, Copy)]
struct Nested<'a> {
    /// Anchors of attributes and of blocks begin differently.
    anchor: &'static str,
    attributes: &'a [Attribute],
    blocks: &'a [NestedBlock],
}

/// The section `## Schema` with everything below it.
pub fn section(block: &Block) -> String {
    let root = Nested { anchor: "", attributes: &block.attributes, blocks: &block.blocks };
    let entries = root.entries();
    let groups = groups(&entries, &[], |group| format!("### {group}"));
    format!("## Schema\n\n{groups}{}", nested_sections(&entries, &[]))
}

/// The values of an identity, to stand below a heading of the template.
pub fn identity(schema: &IdentitySchema) -> String {
    let entries: Vec<Entry<'_>> = schema.attributes.iter().map(identity_entry).collect();
    groups(&entries, &[], |group| format!("#### {group}"))
}

/// The groups that have entries. `path` leads to them from the root.
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
        // Later paragraphs belong to the same item of the list.
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
        Shape::Plain(ty) => (type_name(ty), None),
        Shape::Nested(nesting, attributes) => {
            let nested = Nested { anchor: "nestedatt", attributes, blocks: &[] };
            (format!("Attributes{}", suffix(*nesting)), Some(nested))
        }
    };
    let marks = [
        (attribute.sensitive, ", Sensitive"),
        (attribute.write_only, ", Write-only"),
        (attribute.deprecation.is_some(), ", Deprecated"),
    ];
    marks.into_iter().filter(|(applies, _)| *applies).for_each(|(_, mark)| kind.push_str(mark));
    let group = match &attribute.presence {
        presence if presence.is_required() => "Required",
        presence if presence.is_optional() => "Optional",
        _ => "Read-Only",
    };
    let (description, deprecation) = (attribute.description, attribute.deprecation);
    Entry { group, name: attribute.name, kind, description, deprecation, nested }
}

fn block_entry(block: &NestedBlock) -> Entry<'_> {
    let (fewest, most) = block.limits;
    let marks = match block.nesting {
        Nesting::Single => [(fewest == 0, ", Optional".to_owned()), (false, String::new())],
        _ => [(fewest > 0, format!(", Min: {fewest}")), (most > 0, format!(", Max: {most}"))],
    };
    let marks = marks.into_iter().filter(|(applies, _)| *applies).map(|(_, mark)| mark);
    let kind = format!("Block{}{}", suffix(block.nesting), marks.collect::<String>());
    Entry {
        group: if fewest > 0 { "Required" } else { "Optional" },
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

fn type_name(ty: &Type) -> String {
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
