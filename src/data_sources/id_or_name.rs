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

/// The attribute that holds the id.
pub(super) const ID: &str = "id";

/// How messages and schemas describe a kind of object that can be looked up by id or name.
#[derive(Debug, Clone, Copy)]
pub(super) struct LookupTexts {
    /// One object in messages: `group`.
    pub(super) object: &'static str,
    /// Several objects in messages: `groups`.
    pub(super) objects: &'static str,
    /// The attribute that holds the name.
    pub(super) name_attribute: &'static str,
    /// The place that contains the objects, for messages: `The directory`.
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

impl LookupTexts {
    /// The attributes that hold the id and the name.
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

    /// Requires that either the id or the name is set, but not both. An unknown value may become set or null, so it is
    /// accepted.
    pub(super) fn validate(self, config: &Value) -> Diagnostics {
        let (id, name) = (config.attribute(ID), config.attribute(self.name_attribute));
        let is_set =
            |value: Option<&Value>| value.is_some_and(|value| !value.is_null() && !value.is_unknown());
        let is_unknown = |value: Option<&Value>| value.is_some_and(Value::is_unknown);
        let (summary, detail) = match (is_set(id), is_set(name)) {
            (true, true) => (
                format!("{ID} and {} are both set", self.name_attribute),
                format!(
                    "A look-up uses only one of these attributes. Remove {ID} or {}.",
                    self.name_attribute
                ),
            ),
            (false, false) if !is_unknown(id) && !is_unknown(name) => (
                format!("Neither {ID} nor {} is set", self.name_attribute),
                format!("A look-up needs one of them. Set {ID} or {}.", self.name_attribute),
            ),
            _ => return Diagnostics::new(),
        };
        Diagnostic::error(summary, detail).at(AttributePath::root(self.name_attribute)).into()
    }

    /// The id or name that a valid configuration sets.
    pub(super) fn lookup_key(self, config: &Value) -> LookupKey {
        match configured(config, ID) {
            Some(id) => LookupKey::Id(id.to_owned()),
            None => LookupKey::Name(configured(config, self.name_attribute).unwrap_or_default().to_owned()),
        }
    }

    /// Describes the object in messages: `group "Pilot"`.
    pub(super) fn describe(self, key: &LookupKey) -> String {
        match key {
            LookupKey::Id(id) => format!("{} {id}", self.object),
            LookupKey::Name(name) => format!("{} {}", self.object, quote(name)),
        }
    }

    /// The error if no object was found. `existing_names` are the names of all objects; empty if they are not known.
    pub(super) fn not_found(self, key: &LookupKey, existing_names: &[&str]) -> Diagnostics {
        let (attribute, description, checked) = match key {
            LookupKey::Id(_) => (ID, "with this id", "check the id, and"),
            LookupKey::Name(_) => {
                (self.name_attribute, "of this name", "check the name, which is not case-sensitive, and")
            }
        };
        Diagnostic::error(
            format!("{} does not exist", capitalize(&self.describe(key))),
            format!(
                "{} has no {} {description}.{}\nNext: {checked} whether the token is for the right tenant.",
                self.place,
                self.object,
                self.list_names(existing_names)
            ),
        )
        .at(AttributePath::root(attribute))
        .into()
    }

    fn list_names(self, existing_names: &[&str]) -> String {
        if existing_names.is_empty() {
            return String::new();
        }
        let mut names: Vec<String> = existing_names.iter().map(|name| quote(name)).collect();
        names.sort_unstable();
        format!(" Its {} are:\n{}", self.objects, list(names).trim_end())
    }

    /// Returns the object if exactly one was found. For messages, `id_and_name` returns an object's id and name.
    ///
    /// # Errors
    /// No object or more than one was found.
    pub(super) fn require_one<T>(
        self,
        key: &LookupKey,
        found: Vec<T>,
        id_and_name: impl Fn(&T) -> (&str, &str),
    ) -> Result<T, Diagnostics> {
        let mut found = found;
        match (found.pop(), found.len()) {
            (None, _) => Err(self.not_found(key, &[])),
            (Some(object), 0) => Ok(object),
            (Some(last), _) => {
                found.push(last);
                Err(self.not_unique(key, &found, id_and_name).into())
            }
        }
    }

    fn not_unique<T>(
        self,
        key: &LookupKey,
        found: &[T],
        id_and_name: impl Fn(&T) -> (&str, &str),
    ) -> Diagnostic {
        let mut rows: Vec<String> = found
            .iter()
            .map(|object| {
                let (id, name) = id_and_name(object);
                format!("{id} ({})", quote(name))
            })
            .collect();
        rows.sort_unstable();
        let attribute = if matches!(key, LookupKey::Id(_)) { ID } else { self.name_attribute };
        Diagnostic::error(
            format!("{} {} match {}", found.len(), self.objects, quote_key(key)),
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

/// Whether two names are equal, ignoring case.
pub(super) fn is_same_name(name: Option<&str>, other: &str) -> bool {
    name.is_some_and(|name| name.to_lowercase() == other.to_lowercase())
}

fn quote_key(key: &LookupKey) -> String {
    match key {
        LookupKey::Id(text) | LookupKey::Name(text) => quote(text),
    }
}
