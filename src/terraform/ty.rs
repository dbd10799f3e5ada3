//! The types that Terraform values have.
//!
//! Follows cty, Terraform's type system. How types and values travel is the business of `protocol`.

use std::collections::BTreeMap;

/// A type constraint.
#[derive(Debug, Clone, PartialEq, Eq)]
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
}
