//! The types that Terraform values have.
//!
//! Follows cty, Terraform's type system. How types and values travel is the business of `protocol`.

use std::collections::BTreeMap;

/// A type constraint.
///
/// The order of types has no meaning; it exists so that dynamic values can be sorted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Type {
    /// `true` or `false`.
    Bool,
    /// A decimal number of any length.
    Number,
    /// Unicode text in normal form C.
    String,
    /// Decided by the value, which then travels with its type.
    Dynamic,
    /// Ordered, one element type.
    List(Box<Type>),
    /// Unordered, no duplicates, one element type.
    Set(Box<Type>),
    /// String keys, one element type.
    Map(Box<Type>),
    /// Fixed length, one type per position.
    Tuple(Vec<Type>),
    /// Fixed attribute names, one type each.
    Object(BTreeMap<String, Type>),
}

impl Type {
    /// A list of `element`.
    pub fn list(element: Type) -> Self {
        Self::List(Box::new(element))
    }

    /// A set of `element`.
    pub fn set(element: Type) -> Self {
        Self::Set(Box::new(element))
    }

    /// A map to `element`.
    pub fn map(element: Type) -> Self {
        Self::Map(Box::new(element))
    }

    /// An object with these attributes.
    pub fn object<K: Into<String>>(attributes: impl IntoIterator<Item = (K, Type)>) -> Self {
        Self::Object(attributes.into_iter().map(|(name, ty)| (name.into(), ty)).collect())
    }

    /// The type of an attribute, if it is an object that has it.
    pub fn attribute(&self, name: &str) -> Option<&Type> {
        match self {
            Self::Object(attributes) => attributes.get(name),
            _ => None,
        }
    }

    /// The type of the elements, if it is a list, a set or a map.
    pub fn element(&self) -> Option<&Type> {
        match self {
            Self::List(element) | Self::Set(element) | Self::Map(element) => Some(element),
            _ => None,
        }
    }

    /// What kind of type it is, in one word.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::Number => "number",
            Self::String => "string",
            Self::Dynamic => "dynamic",
            Self::List(_) => "list",
            Self::Set(_) => "set",
            Self::Map(_) => "map",
            Self::Tuple(_) => "tuple",
            Self::Object(_) => "object",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_found_where_the_type_has_them() {
        let object = Type::object([("a", Type::Bool)]);
        assert_eq!(object.attribute("a"), Some(&Type::Bool));
        assert_eq!(object.attribute("b"), None);
        assert_eq!(Type::Bool.attribute("a"), None);
        assert_eq!(Type::set(object.clone()).element(), Some(&object));
        assert_eq!(object.element(), None);
    }
}
