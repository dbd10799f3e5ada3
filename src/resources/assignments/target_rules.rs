//! The rules for one assignment target: which attributes each type requires and which it refuses. Resources apply the
//! rules to the elements of `assignments`; provider functions apply them to their arguments. The rules skip unknown
//! values.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::graph::ids::to_lower_case;
use crate::terraform::attribute_path::AttributePath;
use crate::terraform::diagnostic::Diagnostics;
use crate::terraform::element_errors::{ElementErrors, InvalidElement};
use crate::terraform::schema::{Attribute, Block, Nesting, Presence};
use crate::terraform::ty::Type;
use crate::terraform::validate::{self, describe_element};
use crate::terraform::value::Value;

use super::names::{
    COLLECTION, COLLECTION_ID, EXCLUSION_GROUP, FILTER_ID, FILTER_TYPE, GROUP, GROUP_ID, TARGET_TYPES, TYPE,
};
use super::schema;
use super::validators::NO_FILTER_HINT;

/// The attributes that a target may leave out, depending on its type.
pub const OPTIONAL_ATTRIBUTES: &[&str] = &[GROUP_ID, COLLECTION_ID, FILTER_ID, FILTER_TYPE];

/// The Terraform type of a target, which is an element of the attribute `assignments`.
pub fn target_type() -> Type {
    Type::object(schema::assignment().iter().map(|attribute| (attribute.name, attribute.ty())))
}

/// Checks each target individually, with the rules for an element of `assignments`. `list` is the name of the list in
/// messages.
pub fn check(list: &'static str, targets: &[Value]) -> Diagnostics {
    let attribute = Attribute::nested(list, Nesting::Set, schema::assignment(), Presence::Required, "");
    let block = Block { attributes: vec![attribute], ..Block::default() };
    let set = Value::set(targets.iter().cloned());
    let mut errors = ElementErrors::default();
    for element in set.as_set().into_iter().flatten().filter_map(|target| Element::new(list, target)) {
        element.check(&mut errors);
    }
    let mut diagnostics = validate::check(&block, &Value::object([(list, set)]));
    diagnostics.extend(errors.into_diagnostics());
    diagnostics
}

/// One element of a list of targets. Some of its values may be unknown.
pub(super) struct Element<'a> {
    /// The name of the attribute or argument that contains the element, for messages.
    list: &'static str,
    values: &'a BTreeMap<String, Value>,
    /// The target's type, if it is known.
    pub(super) target_type: Option<&'a str>,
}

impl<'a> Element<'a> {
    /// `None` if the value is not a known object.
    pub(super) fn new(list: &'static str, value: &'a Value) -> Option<Self> {
        let values = value.as_object()?;
        Some(Self { list, values, target_type: values.get(TYPE).and_then(Value::as_str) })
    }

    /// Checks whether the attributes may occur together.
    pub(super) fn check(&self, errors: &mut ElementErrors) {
        self.check_target(errors);
        self.check_filter(errors);
    }

    /// An attribute; null if the element lacks it.
    pub(super) fn get(&self, name: &str) -> &Value {
        self.values.get(name).unwrap_or(&Value::Null)
    }

    /// The text of an attribute in lower case; `None` if the value is null or unknown.
    pub(super) fn get_lower_case(&self, name: &str) -> Option<Cow<'a, str>> {
        self.values.get(name).and_then(Value::as_str).map(to_lower_case)
    }

    /// The element as messages show it.
    pub(super) fn description(&self) -> String {
        describe_element(&schema::assignment(), self.values)
    }

    /// Reports the element as invalid. Elements with the same mistake share one diagnostic.
    pub(super) fn report(&self, summary: &str, hint: Option<String>, rule: &str, errors: &mut ElementErrors) {
        let element = InvalidElement { description: self.description(), value: None, hint };
        errors.push(&AttributePath::root(self.list), summary, rule, element);
    }

    /// Checks `group_id` and `collection_id`: a target has them if and only if its type requires them.
    fn check_target(&self, errors: &mut ElementErrors) {
        let Some(target_type) = self.target_type.filter(|name| TARGET_TYPES.contains(name)) else {
            return;
        };
        for (name, target_types) in
            [(GROUP_ID, &[GROUP, EXCLUSION_GROUP][..]), (COLLECTION_ID, &[COLLECTION][..])]
        {
            let value = self.get(name);
            let is_required = target_types.contains(&target_type);
            let target_types = target_types.join(" and ");
            if is_required && value.is_null() {
                let rule = format!("Targets of type {target_types} need {name}.");
                self.report(&format!("{name} is missing"), None, &rule, errors);
            } else if !is_required && !value.is_null() && !value.is_unknown() {
                let rule =
                    format!("Only targets of type {target_types} have {name}. Leave it out, or change type.");
                self.report(&format!("{name} is not allowed for this type of target"), None, &rule, errors);
            }
        }
    }

    /// Checks that either both filter attributes are set or neither is, and that exclusions have none.
    fn check_filter(&self, errors: &mut ElementErrors) {
        let (id, filter_type) = (self.get(FILTER_ID), self.get(FILTER_TYPE));
        if id.is_unknown() || filter_type.is_unknown() {
            return;
        }
        if id.is_null() != filter_type.is_null() {
            let (present, missing, value) = if id.is_null() {
                (FILTER_TYPE, FILTER_ID, "the id of an assignment filter")
            } else {
                (FILTER_ID, FILTER_TYPE, "include or exclude")
            };
            let rule = format!(
                "{present} is set and {missing} is not. For a filter, set {missing} to {value}. {NO_FILTER_HINT}"
            );
            self.report(&format!("{missing} is missing"), None, &rule, errors);
        }
        if self.target_type == Some(EXCLUSION_GROUP) && !(id.is_null() && filter_type.is_null()) {
            let rule = "An exclusion always applies to the whole group, so Intune offers no filter for it. Leave \
                        filter_id and filter_type out.";
            self.report("Exclusions cannot have a filter", None, rule, errors);
        }
    }

    /// The type and id that identify the target in Intune; `None` if they are not known yet.
    pub(super) fn target_key(&self) -> Option<(&'a str, Option<Cow<'a, str>>)> {
        let id = match self.target_type? {
            GROUP | EXCLUSION_GROUP => Some(self.get_lower_case(GROUP_ID)?),
            COLLECTION => Some(self.get_lower_case(COLLECTION_ID)?),
            _ => None,
        };
        Some((self.target_type?, id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_optional_attributes_are_those_of_the_schema() {
        let attributes = schema::assignment();
        let optional = attributes.iter().filter(|attribute| attribute.presence.is_optional());
        assert!(optional.map(|attribute| attribute.name).eq(OPTIONAL_ATTRIBUTES.iter().copied()));
    }
}
