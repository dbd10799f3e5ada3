//! Terraform values: known, null or unknown, at every level.

use std::collections::BTreeMap;

use super::number::Number;
use super::ty::Type;

/// A value. Which type it has is known from the schema beside it; only a dynamic value carries its own.
#[derive(Debug, Clone, PartialEq)]
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
#[derive(Debug, Clone, PartialEq)]
pub struct DynamicValue {
    /// The concrete type.
    pub ty: Type,
    /// A value of that type; null and unknown included.
    pub value: Value,
}

/// What is already certain of an unknown value. All absent: nothing.
///
/// Providers may ignore these. Boxed, because hardly any value has them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Refinements(pub Option<Box<Promise>>);

/// The content of [`Refinements`].
#[derive(Debug, Clone, PartialEq, Default)]
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

/// The elements of a set, without duplicates. Equality does not look at their order.
#[derive(Debug, Clone, Default)]
pub struct SetValue(Vec<Value>);

impl SetValue {
    /// A set of these, each kept once. Unknown elements are never equal to each other, so all of them stay.
    pub fn new(elements: impl IntoIterator<Item = Value>) -> Self {
        let mut unique: Vec<Value> = Vec::new();
        for element in elements {
            if !element.is_wholly_known() || !unique.contains(&element) {
                unique.push(element);
            }
        }
        Self(unique)
    }

    /// The elements, in no particular order.
    pub fn iter(&self) -> std::slice::Iter<'_, Value> {
        self.0.iter()
    }

    /// How many elements.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no element.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl PartialEq for SetValue {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.0.iter().all(|element| other.0.contains(element))
    }
}

impl Value {
    /// Text.
    pub fn string(text: impl Into<String>) -> Self {
        Self::String(text.into())
    }

    /// An unknown of which nothing is certain.
    pub fn unknown() -> Self {
        Self::Unknown(Refinements::default())
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
