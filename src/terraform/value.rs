//! Terraform values: known, null or unknown, at every level. How they travel is the business of `protocol`.

use std::borrow::Cow;
use std::collections::BTreeMap;

use unicode_normalization::{UnicodeNormalization, is_nfc};

use super::number::Number;
use super::ty::Type;

pub use self::set::SetValue;

mod order;
mod set;

/// A value. Which type it has is known from the schema beside it; only a dynamic value carries its own.
///
/// Equality compares structure, so an unknown equals an unknown with the same promise; only inside a set are two
/// unknowns never the same element. `order.rs` tells the order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Absent.
    Null,
    /// Decided during apply.
    Unknown(Refinements),
    /// A truth value.
    Bool(bool),
    /// A decimal number of any length.
    Number(Number),
    /// Text in Unicode normal form C.
    String(String),
    /// A list, in order.
    List(Vec<Value>),
    /// A set; equal to another with the same elements in any order.
    Set(SetValue),
    /// A map.
    Map(BTreeMap<String, Value>),
    /// A tuple, in order.
    Tuple(Vec<Value>),
    /// An object: exactly the attributes of its type.
    Object(BTreeMap<String, Value>),
    /// A concrete value in a slot of dynamic type. Never directly inside another one.
    Dynamic(Box<DynamicValue>),
}

/// A value together with its own type, as dynamic slots hold it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DynamicValue {
    /// The concrete type.
    pub ty: Type,
    /// A value of that type; null and unknown included.
    pub value: Value,
}

/// What is already certain of an unknown value. All absent: nothing.
///
/// Providers may ignore these. Boxed, because hardly any value has them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Refinements(pub Option<Box<Promise>>);

/// The content of [`Refinements`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Promise {
    /// `Some(false)`: certainly not null.
    pub null: Option<bool>,
    /// The final string begins with this.
    pub string_prefix: Option<String>,
    /// Lower bound of the final number, and whether it is included.
    pub number_min: Option<(Number, bool)>,
    /// Upper bound of the final number, and whether it is included.
    pub number_max: Option<(Number, bool)>,
    /// Smallest number of elements.
    pub length_min: Option<u64>,
    /// Largest number of elements.
    pub length_max: Option<u64>,
}

impl Value {
    /// Text, brought into Unicode normal form C.
    pub fn string(text: impl Into<String>) -> Self {
        Self::String(into_nfc(text.into()))
    }

    /// A whole number.
    pub fn number_i64(integer: i64) -> Self {
        Self::Number(Number::Int(integer))
    }

    /// An unknown of which nothing is certain.
    pub fn unknown() -> Self {
        Self::Unknown(Refinements::default())
    }

    /// An unknown that will certainly not be null.
    pub fn unknown_not_null() -> Self {
        Self::Unknown(Refinements(Some(Box::new(Promise { null: Some(false), ..Promise::default() }))))
    }

    /// A concrete value for a slot of dynamic type. One that is in such a slot already is returned as it is.
    pub fn dynamic(ty: Type, value: Value) -> Self {
        match value {
            Self::Dynamic(_) => value,
            value => Self::Dynamic(Box::new(DynamicValue { ty, value })),
        }
    }

    /// A list of these, in order.
    pub fn list(elements: impl IntoIterator<Item = Value>) -> Self {
        Self::List(elements.into_iter().collect())
    }

    /// A map of these; keys are brought into Unicode normal form C, and of equal ones the last wins.
    pub fn map<K: Into<String>>(entries: impl IntoIterator<Item = (K, Value)>) -> Self {
        Self::Map(entries.into_iter().map(|(key, value)| (into_nfc(key.into()), value)).collect())
    }

    /// An object with these attributes.
    pub fn object<K: Into<String>>(attributes: impl IntoIterator<Item = (K, Value)>) -> Self {
        Self::Object(attributes.into_iter().map(|(name, value)| (name.into(), value)).collect())
    }

    /// A set of these, each kept once.
    pub fn set(elements: impl IntoIterator<Item = Value>) -> Self {
        Self::Set(SetValue::new(elements))
    }

    /// Whether it is absent, as such or inside a dynamic slot.
    pub fn is_null(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Dynamic(dynamic) => dynamic.value.is_null(),
            _ => false,
        }
    }

    /// Whether it is unknown as a whole, as such or inside a dynamic slot.
    pub fn is_unknown(&self) -> bool {
        match self {
            Self::Unknown(_) => true,
            Self::Dynamic(dynamic) => dynamic.value.is_unknown(),
            _ => false,
        }
    }

    /// Whether nothing in it, at any level, is unknown.
    pub fn is_wholly_known(&self) -> bool {
        match self {
            Self::Unknown(_) => false,
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::String(_) => true,
            Self::List(elements) | Self::Tuple(elements) => elements.iter().all(Self::is_wholly_known),
            Self::Set(elements) => elements.iter().all(Self::is_wholly_known),
            Self::Map(entries) | Self::Object(entries) => entries.values().all(Self::is_wholly_known),
            Self::Dynamic(dynamic) => dynamic.value.is_wholly_known(),
        }
    }

    /// What kind of value it is, in one word.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Unknown(_) => "unknown",
            Self::Bool(_) => "bool",
            Self::Number(_) => "number",
            Self::String(_) => "string",
            Self::List(_) => "list",
            Self::Set(_) => "set",
            Self::Map(_) => "map",
            Self::Tuple(_) => "tuple",
            Self::Object(_) => "object",
            Self::Dynamic(_) => "dynamic",
        }
    }

    /// The text, if it is known text.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The truth value, if it is known.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(truth) => Some(*truth),
            _ => None,
        }
    }

    /// The number, if it is known.
    pub fn as_number(&self) -> Option<&Number> {
        match self {
            Self::Number(number) => Some(number),
            _ => None,
        }
    }

    /// The elements, if it is a known list.
    pub fn as_list(&self) -> Option<&[Value]> {
        match self {
            Self::List(elements) => Some(elements),
            _ => None,
        }
    }

    /// The entries, if it is a known map.
    pub fn as_map(&self) -> Option<&BTreeMap<String, Value>> {
        match self {
            Self::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// The attributes, if it is a known object.
    pub fn as_object(&self) -> Option<&BTreeMap<String, Value>> {
        match self {
            Self::Object(attributes) => Some(attributes),
            _ => None,
        }
    }

    /// The elements, if it is a known set.
    pub fn as_set(&self) -> Option<&SetValue> {
        match self {
            Self::Set(elements) => Some(elements),
            _ => None,
        }
    }

    /// An attribute of a known object; null stays null and absence of the object is `None`.
    pub fn attribute(&self, name: &str) -> Option<&Value> {
        self.as_object().and_then(|attributes| attributes.get(name))
    }
}

/// Text in Unicode normal form C, the form in which Terraform compares it. Text that is in it already, as nearly all
/// is, costs no copy.
pub fn nfc(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || is_nfc(text) { Cow::Borrowed(text) } else { Cow::Owned(text.nfc().collect()) }
}

fn into_nfc(text: String) -> String {
    match nfc(&text) {
        Cow::Borrowed(_) => text,
        Cow::Owned(normalised) => normalised,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_map_keys_are_normalised() {
        assert_eq!(Value::string("u\u{308}"), Value::String("\u{fc}".to_owned()));
        assert_eq!(
            Value::map([("u\u{308}", Value::Null)]),
            Value::Map(BTreeMap::from([("\u{fc}".to_owned(), Value::Null)]))
        );
        assert!(matches!(nfc("plain"), Cow::Borrowed(_)));
        assert!(matches!(nfc("Z\u{fc}rich"), Cow::Borrowed(_)));
    }

    #[test]
    fn accessors_answer_only_for_their_own_kind() {
        let list = Value::list([Value::number_i64(1)]);
        assert_eq!(list.as_list(), Some(&[Value::number_i64(1)][..]));
        assert_eq!(list.as_map(), None);
        assert_eq!(Value::number_i64(7).as_number().and_then(Number::as_i64), Some(7));
        assert_eq!(Value::unknown().as_number(), None);
        let map = Value::map([("k", Value::Null)]);
        assert_eq!(map.as_map().map(BTreeMap::len), Some(1));
        assert_eq!(map.as_object(), None);
    }

    #[test]
    fn dynamic_values_see_through_their_wrapper_and_never_nest() {
        let wrapped = Value::dynamic(Type::String, Value::unknown());
        assert!(wrapped.is_unknown());
        assert!(!wrapped.is_wholly_known());
        assert_eq!(Value::dynamic(Type::Bool, wrapped.clone()), wrapped);
        assert!(Value::dynamic(Type::String, Value::Null).is_null());
    }
}
