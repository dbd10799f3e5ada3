//! The types of Terraform values. Follows cty, Terraform's type system. `protocol` encodes and decodes them.

use std::collections::BTreeMap;

/// A type constraint.
///
/// The order of types has no meaning. It exists so that dynamic values can be sorted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Type {
    /// `true` or `false`.
    Bool,
    /// A decimal number of any length.
    Number,
    /// Unicode text in normal form C.
    String,
    /// Decided by the value, which carries its own type.
    Dynamic,
    /// Ordered elements of one type.
    List(Box<Type>),
    /// Unordered elements of one type, without duplicates.
    Set(Box<Type>),
    /// String keys and elements of one type.
    Map(Box<Type>),
    /// A fixed length, with a type for each position.
    Tuple(Vec<Type>),
    /// Fixed attribute names, each with a type.
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

    /// The type of an attribute, if this is an object type that has it.
    pub fn attribute(&self, name: &str) -> Option<&Type> {
        match self {
            Self::Object(attributes) => attributes.get(name),
            _ => None,
        }
    }

    /// The element type, if this is a list, set or map.
    pub fn element(&self) -> Option<&Type> {
        match self {
            Self::List(element) | Self::Set(element) | Self::Map(element) => Some(element),
            _ => None,
        }
    }

    /// The name of the kind of type, for messages.
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
    fn attribute_and_element_types_are_found() {
        let object = Type::object([("a", Type::Bool)]);
        assert_eq!(object.attribute("a"), Some(&Type::Bool));
        assert_eq!(object.attribute("b"), None);
        assert_eq!(Type::Bool.attribute("a"), None);
        assert_eq!(Type::set(object.clone()).element(), Some(&object));
        assert_eq!(object.element(), None);
    }
}
