//! Look-ups of one object by its id or by its name: the two attributes, their rules, and the messages if no object or
//! more than one is found.

use crate::resources::graph_operation::capitalize;
use crate::terraform::attribute_path::AttributePath;
use crate::terraform::diagnostic::{Diagnostic, Diagnostics, list, quote};
use crate::terraform::schema::{Attribute, Presence};
use crate::terraform::ty::Type;
use crate::terraform::validators::{Guid, NotBlank};
use crate::terraform::value::Value;

use super::values::configured;

/// The attribute of the id.
pub(super) const ID: &str = "id";

/// A kind of object that can be looked up.
#[derive(Debug, Clone, Copy)]
pub(super) struct IdOrName {
    /// `group`
    pub(super) object: &'static str,
    /// `groups`
    pub(super) objects: &'static str,
    /// The attribute that holds the name.
    pub(super) name_attribute: &'static str,
    /// Where the objects are, for messages: `The directory`.
    pub(super) place: &'static str,
    /// Explains where a user finds an id.
    pub(super) id_source: &'static str,
}

/// What the configuration looks up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum LookupKey {
    /// The object with this id.
    Id(String),
    /// The only object with this name.
    Name(String),
}

impl IdOrName {
    /// The two attributes.
    pub(super) fn attributes(
        self,
        id_description: &'static str,
        name_description: &'static str,
    ) -> [Attribute; 2] {
        [
            Attribute::new(ID, Type::String, Presence::OptionalComputed, id_description)
                .validated(Guid { source: self.id_source }),
            Attribute::new(self.name_attribute, Type::String, Presence::OptionalComputed, name_description)
                .validated(NotBlank),
        ]
    }

    /// Requires exactly one of the two. An unknown value may turn out to be either set or null.
    pub(super) fn validate(self, config: &Value) -> Diagnostics {
        let (id, name) = (config.attribute(ID), config.attribute(self.name_attribute));
        let is_set =
            |value: Option<&Value>| value.is_some_and(|value| !value.is_null() && !value.is_unknown());
        let is_unknown = |value: Option<&Value>| value.is_some_and(Value::is_unknown);
        let (summary, detail) = match (is_set(id), is_set(name)) {
            (true, true) => (
                format!("{ID} and {} are both set", self.name_attribute),
                format!("A look-up takes only one of them. Remove {ID} or {}.", self.name_attribute),
            ),
            (false, false) if !is_unknown(id) && !is_unknown(name) => (
                format!("Neither {ID} nor {} is set", self.name_attribute),
                format!("A look-up needs one of them. Set {ID} or {}.", self.name_attribute),
            ),
            _ => return Diagnostics::new(),
        };
        Diagnostic::error(summary, detail).at(AttributePath::root(self.name_attribute)).into()
    }

    /// The id or name in a valid configuration.
    pub(super) fn lookup_key(self, config: &Value) -> LookupKey {
        match configured(config, ID) {
            Some(id) => LookupKey::Id(id.to_owned()),
            None => LookupKey::Name(configured(config, self.name_attribute).unwrap_or_default().to_owned()),
        }
    }

    /// The object for messages: `group "Pilot"`.
    pub(super) fn described(self, key: &LookupKey) -> String {
        match key {
            LookupKey::Id(id) => format!("{} {id}", self.object),
            LookupKey::Name(name) => format!("{} {}", self.object, quote(name)),
        }
    }

    /// The error if no object was found. `others` are the names of existing objects, if they are known.
    pub(super) fn none_found(self, key: &LookupKey, others: &[&str]) -> Diagnostics {
        let (attribute, description, checked) = match key {
            LookupKey::Id(_) => (ID, "with this id", "check the id, and"),
            LookupKey::Name(_) => {
                (self.name_attribute, "of this name", "check the name, which is compared without case, and")
            }
        };
        Diagnostic::error(
            format!("{} does not exist", capitalize(&self.described(key))),
            format!(
                "{} has no {} {description}.{}\nNext: {checked} whether the token is for the right tenant.",
                self.place,
                self.object,
                self.names_found(others)
            ),
        )
        .at(AttributePath::root(attribute))
        .into()
    }

    fn names_found(self, others: &[&str]) -> String {
        if others.is_empty() {
            return String::new();
        }
        let mut names: Vec<String> = others.iter().map(|name| quote(name)).collect();
        names.sort_unstable();
        format!(" Its {} are:\n{}", self.objects, list(names).trim_end())
    }

    /// Returns the only object that was found. `id_and_name` returns the id and the name of an object, for messages.
    ///
    /// # Errors
    /// No object or more than one was found.
    pub(super) fn only<T>(
        self,
        key: &LookupKey,
        found: Vec<T>,
        id_and_name: impl Fn(&T) -> (&str, &str),
    ) -> Result<T, Diagnostics> {
        let mut found = found;
        match (found.pop(), found.len()) {
            (None, _) => Err(self.none_found(key, &[])),
            (Some(only), 0) => Ok(only),
            (Some(last), _) => {
                found.push(last);
                Err(self.several_found(key, &found, id_and_name).into())
            }
        }
    }

    fn several_found<T>(
        self,
        key: &LookupKey,
        found: &[T],
        id_and_name: impl Fn(&T) -> (&str, &str),
    ) -> Diagnostic {
        let mut rows: Vec<String> = found
            .iter()
            .map(|one| {
                let (id, name) = id_and_name(one);
                format!("{id} ({})", quote(name))
            })
            .collect();
        rows.sort_unstable();
        let attribute = if matches!(key, LookupKey::Id(_)) { ID } else { self.name_attribute };
        Diagnostic::error(
            format!("{} {} match {}", found.len(), self.objects, quoted(key)),
            format!(
                "Names are not unique. {} has:\n{}Next: set {ID} to one of these ids instead of {}.",
                self.place,
                list(rows),
                self.name_attribute
            ),
        )
        .at(AttributePath::root(attribute))
    }
}

/// Whether two names are equal for the service, which ignores case.
pub(super) fn is_same_name(one: Option<&str>, other: &str) -> bool {
    one.is_some_and(|one| one.to_lowercase() == other.to_lowercase())
}

fn quoted(key: &LookupKey) -> String {
    match key {
        LookupKey::Id(text) | LookupKey::Name(text) => quote(text),
    }
}
