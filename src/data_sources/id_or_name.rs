//! Look-ups of one thing by its id or by its name: the two attributes, their rules, and what to say if there is none or
//! more than one.

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

/// The kind of thing that is looked up.
#[derive(Debug, Clone, Copy)]
pub(super) struct IdOrName {
    /// `group`
    pub(super) object: &'static str,
    /// `groups`
    pub(super) objects: &'static str,
    /// The attribute of the name.
    pub(super) name_attribute: &'static str,
    /// Where the service keeps them: `The directory`.
    pub(super) place: &'static str,
    /// Where a user finds an id.
    pub(super) id_source: &'static str,
}

/// What the configuration looks up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wanted {
    /// The thing with this id.
    Id(String),
    /// The only thing with this name.
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

    /// What a valid configuration looks up.
    pub(super) fn wanted(self, config: &Value) -> Wanted {
        match configured(config, ID) {
            Some(id) => Wanted::Id(id.to_owned()),
            None => Wanted::Name(configured(config, self.name_attribute).unwrap_or_default().to_owned()),
        }
    }

    /// The object for messages: `group "Pilot"`.
    pub(super) fn described(self, wanted: &Wanted) -> String {
        match wanted {
            Wanted::Id(id) => format!("{} {id}", self.object),
            Wanted::Name(name) => format!("{} {}", self.object, quote(name)),
        }
    }

    /// There is no such thing. `others` are the names of those that there are, if they are known.
    pub(super) fn none_found(self, wanted: &Wanted, others: &[&str]) -> Diagnostics {
        let (attribute, key, checked) = match wanted {
            Wanted::Id(_) => (ID, "with this id", "check the id, and"),
            Wanted::Name(_) => {
                (self.name_attribute, "of this name", "check the name, which is compared without case, and")
            }
        };
        Diagnostic::error(
            format!("{} does not exist", capitalize(&self.described(wanted))),
            format!(
                "{} has no {} {key}.{}\nNext: {checked} whether the token is for the right tenant.",
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

    /// The only one of the things found by name, which are given with their ids and names.
    ///
    /// # Errors
    /// There are none or several.
    pub(super) fn only<T>(
        self,
        wanted: &Wanted,
        found: Vec<T>,
        id_and_name: impl Fn(&T) -> (&str, &str),
    ) -> Result<T, Diagnostics> {
        let mut found = found;
        match (found.pop(), found.len()) {
            (None, _) => Err(self.none_found(wanted, &[])),
            (Some(only), 0) => Ok(only),
            (Some(last), _) => {
                found.push(last);
                Err(self.several_found(wanted, &found, id_and_name).into())
            }
        }
    }

    fn several_found<T>(
        self,
        wanted: &Wanted,
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
        let attribute = if matches!(wanted, Wanted::Id(_)) { ID } else { self.name_attribute };
        Diagnostic::error(
            format!("{} {} match {}", found.len(), self.objects, quoted(wanted)),
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

fn quoted(wanted: &Wanted) -> String {
    match wanted {
        Wanted::Id(text) | Wanted::Name(text) => quote(text),
    }
}
