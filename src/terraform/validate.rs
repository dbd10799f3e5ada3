//! Validates a configuration against its schema, offline, and reports all errors at once.
//!
//! Rules between attributes belong to the resource; see [`super::resource::Resource::validate`].

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::attribute_path::AttributePath;
use super::diagnostic::{Diagnostic, Diagnostics, quote};
use super::element_errors::{ElementErrors, InvalidElement};
use super::schema::{Attribute, AttributeShape, Block, Nesting, Presence};
use super::validators::Violation;
use super::value::Value;

/// Validates a configuration. Unknown values are skipped.
pub fn check(block: &Block, config: &Value) -> Diagnostics {
    let mut findings = Findings::default();
    if let Some(values) = config.as_object() {
        check_block(block, values, None, &mut findings);
    }
    let mut diagnostics = findings.diagnostics;
    diagnostics.extend(findings.element_errors.into_diagnostics());
    diagnostics
}

/// Refuses write-only values, for a client that would store them. Write-only attributes are at the root.
pub fn refuse_write_only(block: &Block, config: &Value) -> Diagnostics {
    let is_set =
        |attribute: &&Attribute| config.attribute(attribute.name).is_some_and(|value| !value.is_null());
    let set = block.attributes.iter().filter(|attribute| attribute.write_only).filter(is_set);
    set.map(|attribute| {
        let detail = "It is a secret that Terraform must not store. Terraform before 1.11 and OpenTofu before 1.11 would \
                      write it to the plan and the state.\nNext: use a newer version of Terraform or OpenTofu, or leave \
                      the attribute out.";
        Diagnostic::error(format!("{} needs Terraform 1.11 or later", attribute.name), detail)
            .at(AttributePath::root(attribute.name))
    })
    .collect()
}

/// What a validation has found so far.
#[derive(Default)]
struct Findings {
    diagnostics: Diagnostics,
    element_errors: ElementErrors,
}

/// The location of a value: the path that the protocol can express and, inside a set, the element.
#[derive(Clone, Copy)]
struct Location<'a> {
    path: &'a AttributePath,
    element: Option<SetElement<'a>>,
}

/// An element of a set. Its description is only rendered when there is something to report.
#[derive(Clone, Copy)]
struct SetElement<'a> {
    attributes: &'a [Attribute],
    values: &'a BTreeMap<String, Value>,
}

fn check_block(
    block: &Block,
    values: &BTreeMap<String, Value>,
    parent: Option<&AttributePath>,
    findings: &mut Findings,
) {
    let path_to = |name| parent.map_or_else(|| AttributePath::root(name), |path| path.attribute(name));
    for attribute in &block.attributes {
        let path = path_to(attribute.name);
        check_attribute(
            attribute,
            values.get(attribute.name),
            Location { path: &path, element: None },
            findings,
        );
    }
    for nested in &block.blocks {
        let path = path_to(nested.name);
        for (path, content) in nested_values(values.get(nested.name).unwrap_or(&Value::Null), &path) {
            if let Some(values) = content.as_object() {
                check_block(&nested.block, values, Some(&path), findings);
            }
        }
    }
}

fn check_attribute(
    attribute: &Attribute,
    value: Option<&Value>,
    location: Location<'_>,
    findings: &mut Findings,
) {
    let value = value.unwrap_or(&Value::Null);
    if value.is_unknown() {
        return;
    }
    if value.is_null() {
        if attribute.presence == Presence::Required {
            let rule = match attribute.shape {
                AttributeShape::Nested(Nesting::List | Nesting::Set, _) => {
                    "It is required and must not be null. Write [] for none."
                }
                _ => "It is required and must not be null.",
            };
            let violation = Violation { problem: "is missing".to_owned(), hint: None, rule: rule.to_owned() };
            report(attribute, None, location, &violation, findings);
        }
        return;
    }
    for violation in attribute.validators.iter().filter_map(|validator| validator.check(value)) {
        report(attribute, value.as_str(), location, &violation, findings);
    }
    if let AttributeShape::Nested(nesting, attributes) = &attribute.shape {
        check_nested(attribute, *nesting, attributes, value, location, findings);
    }
}

fn check_nested(
    attribute: &Attribute,
    nesting: Nesting,
    attributes: &[Attribute],
    value: &Value,
    location: Location<'_>,
    findings: &mut Findings,
) {
    for (path, content) in nested_values(value, location.path) {
        if content.is_null() {
            report(attribute, None, location, &null_element(), findings);
        }
        let Some(values) = content.as_object() else { continue };
        let element =
            if nesting == Nesting::Set { Some(SetElement { attributes, values }) } else { location.element };
        for inner in attributes {
            let path = if element.is_some() {
                // The protocol has no path step for an element of a set, so the path ends at the set.
                Cow::Borrowed(&*path)
            } else {
                Cow::Owned(path.attribute(inner.name))
            };
            check_attribute(inner, values.get(inner.name), Location { path: &path, element }, findings);
        }
    }
}

/// The values inside a nested attribute or block, each with its path. Elements of a set share the path of the set.
fn nested_values<'a>(value: &'a Value, path: &'a AttributePath) -> Vec<(Cow<'a, AttributePath>, &'a Value)> {
    match value {
        Value::Object(_) => vec![(Cow::Borrowed(path), value)],
        Value::List(elements) | Value::Tuple(elements) => {
            (0..).zip(elements).map(|(index, element)| (Cow::Owned(path.index(index)), element)).collect()
        }
        Value::Set(elements) => elements.iter().map(|element| (Cow::Borrowed(path), element)).collect(),
        Value::Map(entries) => {
            entries.iter().map(|(key, element)| (Cow::Owned(path.key(key)), element)).collect()
        }
        Value::Dynamic(dynamic) => nested_values(&dynamic.value, path),
        _ => Vec::new(),
    }
}

fn null_element() -> Violation {
    Violation {
        problem: "has a null element".to_owned(),
        hint: None,
        rule: "Remove the element instead.".to_owned(),
    }
}

/// Reports a violation by a value; `text` is the value if it is a string.
fn report(
    attribute: &Attribute,
    text: Option<&str>,
    location: Location<'_>,
    violation: &Violation,
    findings: &mut Findings,
) {
    let summary = format!("{} {}", attribute.name, violation.problem);
    let text = text.filter(|_| !attribute.sensitive);
    if let Some(SetElement { attributes, values }) = location.element {
        let element = InvalidElement {
            description: describe_element(attributes, values),
            value: text.map(str::to_owned),
            hint: violation.hint.clone(),
        };
        findings.element_errors.push(location.path, &summary, &violation.rule, element);
        return;
    }
    let value = text.map(|text| format!("The value is {}.", quote(text)));
    let sentences: Vec<&str> =
        [value.as_deref(), violation.hint.as_deref(), Some(&violation.rule)].into_iter().flatten().collect();
    let diagnostic = Diagnostic::error(summary, sentences.join(" ")).at(location.path.clone());
    findings.diagnostics.push(diagnostic);
}

/// Describes an element by its known text attributes: `{ type = "groupAssignmentTarget", group_id = "…" }`.
pub fn describe_element(attributes: &[Attribute], values: &BTreeMap<String, Value>) -> String {
    let pairs: Vec<String> = attributes
        .iter()
        .filter(|attribute| !attribute.sensitive)
        .filter_map(|attribute| Some((attribute.name, values.get(attribute.name)?.as_str()?)))
        .map(|(name, text)| format!("{name} = {}", quote(text)))
        .collect();
    format!("{{ {} }}", pairs.join(", "))
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;
    use crate::terraform::schema::NestedBlock;
    use crate::terraform::ty::Type;
    use crate::terraform::validators::{Guid, OneOf, PositiveDuration};

    fn block() -> Block {
        let target = vec![
            Attribute::new("type", Type::String, Presence::Required, "")
                .validated(OneOf(&["group", "everyone"])),
            Attribute::new("group_id", Type::String, Presence::Optional, "")
                .validated(Guid { source: "Its page shows it." }),
        ];
        let create =
            Attribute::new("create", Type::String, Presence::Optional, "").validated(PositiveDuration);
        Block {
            attributes: vec![Attribute::nested("targets", Nesting::Set, target, Presence::Required, "")],
            blocks: vec![NestedBlock {
                name: "timeouts",
                nesting: Nesting::Single,
                limits: (0, 0),
                block: Block { attributes: vec![create], ..Block::default() },
            }],
            ..Block::default()
        }
    }

    fn check_prints(config: &Value, expected: &Expect) {
        let printed: Vec<String> = check(&block(), config)
            .iter()
            .map(|d| format!("{}: {}\n{}\n", d.path.as_ref().unwrap(), d.summary, d.detail))
            .collect();
        expected.assert_eq(&printed.join("\n"));
    }

    #[test]
    fn all_violations_are_reported_at_once_with_their_paths() {
        let target = Value::object([("type", Value::string("team")), ("group_id", Value::string("Sales"))]);
        let timeouts = Value::object([("create", Value::string("10"))]);
        check_prints(
            &Value::object([("targets", Value::set([target, Value::Null])), ("timeouts", timeouts)]),
            &expect![[r#"
                targets: targets has a null element
                Remove the element instead.

                timeouts.create: create is not a duration
                The value is "10". It has a number without a unit. Write numbers with units, for example "90s", "1.5m" or "1h30m"; the units are h, m, s, ms, us and ns.

                targets: type is not one of the allowed values
                In the element { type = "team", group_id = "Sales" } of targets:
                The value is "team". The choices are: group, everyone.

                targets: group_id is not a GUID
                In the element { type = "team", group_id = "Sales" } of targets:
                The value is "Sales". A GUID has 32 hexadecimal digits in groups of 8-4-4-4-12, for example "0b8a3d5e-1f2c-4d6b-9a70-5c3e8f1d2b4a". Names are not accepted. Its page shows it.
            "#]],
        );
    }

    #[test]
    fn unknown_values_are_skipped() {
        let target = Value::object([("type", Value::unknown()), ("group_id", Value::unknown())]);
        check_prints(
            &Value::object([("targets", Value::set([target])), ("timeouts", Value::unknown())]),
            &expect![[r#""#]],
        );
    }

    #[test]
    fn a_required_value_must_not_be_null() {
        check_prints(
            &Value::object([("targets", Value::Null), ("timeouts", Value::Null)]),
            &expect![[r#"
                targets: targets is missing
                It is required and must not be null. Write [] for none.
            "#]],
        );
    }
}
