//! Terraform values: known, null or unknown, at every level. `protocol` encodes and decodes them.

use std::borrow::Cow;
use std::collections::BTreeMap;

use unicode_normalization::{UnicodeNormalization, is_nfc};

use super::number::Number;
use super::ty::Type;

pub use self::refinements::{Refinements, ValueRange};

mod order;
mod refinements;

/// A value. Its type is known from the schema; only a dynamic value carries its own type.
///
/// Equality is structural: unknown values with equal refinements are equal, although a set never merges them.
/// `order.rs` defines the order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Null.
    Null,
    /// Decided during apply.
    Unknown(Refinements),
    /// A Boolean value.
    Bool(bool),
    /// A decimal number of any length.
    Number(Number),
    /// Text in Unicode normal form C.
    String(String),
    /// A list, in order.
    List(Vec<Value>),
    /// A set, without order or duplicates.
    Set(SetValue),
    /// A map, by key.
    Map(BTreeMap<String, Value>),
    /// A tuple, in order.
    Tuple(Vec<Value>),
    /// An object, with exactly the attributes of its type.
    Object(BTreeMap<String, Value>),
    /// A concrete value where the schema has the dynamic type. Never directly inside another dynamic value.
    Dynamic(Box<DynamicValue>),
}

/// A value with its own type.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DynamicValue {
    /// The concrete type.
    pub ty: Type,
    /// A value of that type; may be null or unknown.
    pub value: Value,
}

/// The elements of a set, without duplicates, in the order of [`Value`].
///
/// go-cty writes sets of bools, numbers and strings in the same order, and leaves the order of other elements open.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct SetValue(Vec<Value>);

impl Value {
    /// A string, normalized to Unicode normal form C.
    pub fn string(text: impl Into<String>) -> Self {
        Self::String(into_nfc(text.into()))
    }

    /// An unknown value without refinements.
    pub fn unknown() -> Self {
        Self::Unknown(Refinements::default())
    }

    /// A dynamic value. A value that is dynamic already is returned unchanged.
    pub fn dynamic(ty: Type, value: Value) -> Self {
        match value {
            Self::Dynamic(_) => value,
            value => Self::Dynamic(Box::new(DynamicValue { ty, value })),
        }
    }

    /// A list of these elements, in order.
    pub fn list(elements: impl IntoIterator<Item = Value>) -> Self {
        Self::List(elements.into_iter().collect())
    }

    /// A map of these entries. Keys are normalized to Unicode normal form C; the last of equal keys wins.
    pub fn map<K: Into<String>>(entries: impl IntoIterator<Item = (K, Value)>) -> Self {
        Self::Map(entries.into_iter().map(|(key, value)| (into_nfc(key.into()), value)).collect())
    }

    /// An object with these attributes.
    pub fn object<K: Into<String>>(attributes: impl IntoIterator<Item = (K, Value)>) -> Self {
        Self::Object(attributes.into_iter().map(|(name, value)| (name.into(), value)).collect())
    }

    /// A set of these elements, without duplicates.
    pub fn set(elements: impl IntoIterator<Item = Value>) -> Self {
        Self::Set(SetValue::new(elements))
    }

    /// Whether the value is null, directly or inside a dynamic value.
    pub fn is_null(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Dynamic(dynamic) => dynamic.value.is_null(),
            _ => false,
        }
    }

    /// Whether the whole value is unknown, directly or inside a dynamic value.
    pub fn is_unknown(&self) -> bool {
        match self {
            Self::Unknown(_) => true,
            Self::Dynamic(dynamic) => dynamic.value.is_unknown(),
            _ => false,
        }
    }

    /// Whether nothing in the value is unknown, at any level.
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

    /// The name of the kind of value, for messages.
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

    /// The text of a known string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The Boolean, if it is known.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(truth) => Some(*truth),
            _ => None,
        }
    }

    /// The entries of a known map.
    pub fn as_map(&self) -> Option<&BTreeMap<String, Value>> {
        match self {
            Self::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// The attributes of a known object.
    pub fn as_object(&self) -> Option<&BTreeMap<String, Value>> {
        match self {
            Self::Object(attributes) => Some(attributes),
            _ => None,
        }
    }

    /// The elements of a known set.
    pub fn as_set(&self) -> Option<&SetValue> {
        match self {
            Self::Set(elements) => Some(elements),
            _ => None,
        }
    }

    /// An attribute of a known object. `None` if the value is not an object or lacks the attribute.
    pub fn attribute(&self, name: &str) -> Option<&Value> {
        self.as_object().and_then(|attributes| attributes.get(name))
    }
}

impl SetValue {
    /// A set of these elements, without duplicates. Two unknown elements are never the same element, so both are
    /// kept.
    pub fn new(elements: impl IntoIterator<Item = Value>) -> Self {
        let mut elements: Vec<Value> = elements.into_iter().collect();
        elements.sort();
        elements.dedup_by(|one, two| one == two && one.is_wholly_known());
        Self(elements)
    }

    /// Iterates in the order of [`Value`].
    pub fn iter(&self) -> std::slice::Iter<'_, Value> {
        self.0.iter()
    }

    /// The number of elements.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether the set has no elements.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'a> IntoIterator for &'a SetValue {
    type Item = &'a Value;
    type IntoIter = std::slice::Iter<'a, Value>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl IntoIterator for SetValue {
    type Item = Value;
    type IntoIter = std::vec::IntoIter<Value>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// Normalizes text to Unicode normal form C, in which Terraform compares strings. Text that is normalized already is
/// not copied.
pub fn nfc(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || is_nfc(text) { Cow::Borrowed(text) } else { Cow::Owned(text.nfc().collect()) }
}

fn into_nfc(text: String) -> String {
    match nfc(&text) {
        Cow::Borrowed(_) => text,
        Cow::Owned(normalized) => normalized,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_map_keys_are_normalized() {
        assert_eq!(Value::string("u\u{308}"), Value::String("\u{fc}".to_owned()));
        assert_eq!(
            Value::map([("u\u{308}", Value::Null)]),
            Value::Map(BTreeMap::from([("\u{fc}".to_owned(), Value::Null)]))
        );
        assert!(matches!(nfc("plain"), Cow::Borrowed(_)));
        assert!(matches!(nfc("Z\u{fc}rich"), Cow::Borrowed(_)));
    }

    #[test]
    fn accessors_return_only_values_of_their_kind() {
        assert_eq!(Value::string("a").as_str(), Some("a"));
        assert_eq!(Value::unknown().as_str(), None);
        assert_eq!(Value::list([]).as_map(), None);
        let map = Value::map([("k", Value::Null)]);
        assert_eq!(map.as_map().map(BTreeMap::len), Some(1));
        assert_eq!(map.as_object(), None);
    }

    #[test]
    fn dynamic_values_reflect_their_content_and_never_nest() {
        let wrapped = Value::dynamic(Type::String, Value::unknown());
        assert!(wrapped.is_unknown());
        assert!(!wrapped.is_wholly_known());
        assert_eq!(Value::dynamic(Type::Bool, wrapped.clone()), wrapped);
        assert!(Value::dynamic(Type::String, Value::Null).is_null());
    }

    fn texts(texts: &[&str]) -> SetValue {
        SetValue::new(texts.iter().map(|text| Value::string(*text)))
    }

    #[test]
    fn equality_of_sets_ignores_the_order_of_insertion() {
        assert_eq!(texts(&["b", "a", "b"]), texts(&["a", "b"]));
        assert_ne!(texts(&["a"]), texts(&["a", "b"]));
        assert_eq!(texts(&["b", "a", "b"]).len(), 2);
    }

    #[test]
    fn unknown_set_elements_stay_distinct_even_inside_objects() {
        let element = || Value::object([("id", Value::unknown()), ("n", Value::string("a"))]);
        assert_eq!(SetValue::new([element(), element()]).len(), 2);
        assert_eq!(SetValue::new([Value::unknown(), Value::Null, Value::unknown(), Value::Null]).len(), 3);
    }

    #[test]
    fn sets_of_thousands_of_objects_have_no_duplicates() {
        let object = |n: i64| Value::object([("id", Value::string(format!("{n:08}"))), ("n", Value::Null)]);
        let set = SetValue::new((0..20_000).rev().chain(0..20_000).map(object));
        assert_eq!(set.len(), 20_000);
        assert!(set.iter().eq((0..20_000).map(object).collect::<Vec<_>>().iter()));
    }

    #[test]
    fn sets_iterate_in_canonical_order() {
        let set = SetValue::new([
            Value::Null,
            Value::unknown(),
            Value::string("b"),
            Value::string(""),
            Value::string("aa"),
            Value::string("C"),
        ]);
        let known: Vec<_> = set.iter().filter_map(Value::as_str).collect();
        assert_eq!(known, ["", "C", "aa", "b"]);
        assert!(set.iter().nth(4).is_some_and(Value::is_unknown));
        assert!(set.iter().nth(5).is_some_and(Value::is_null));
    }
}
