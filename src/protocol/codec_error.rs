//! Errors of the value codec, with the path to the value. Not the validation of values.

use std::fmt;

use crate::terraform::attribute_path::PathStep;
use crate::terraform::number::NumberError;
use crate::terraform::value::Value;

/// The maximum nesting depth of a value, and of a type in JSON.
///
/// A dynamic value could otherwise nest without limit. No real schema comes near this depth.
pub const MAX_DEPTH: usize = 128;

/// A value that could not be decoded or encoded. The message never contains the value, which could be a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodecError {
    /// From the innermost step outwards, in the order in which they are added.
    steps: Vec<PathStep>,
    kind: CodecErrorKind,
}

/// The cause of a [`CodecError`], without its path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CodecErrorKind {
    /// Fewer bytes than the headers claim.
    #[error("the bytes end before the value does")]
    Truncated,
    /// More bytes than the value needs.
    #[error("there are bytes after the end of the value")]
    TrailingBytes,
    /// A value of another kind than the type requires.
    #[error("expected {expected}, found {found}")]
    TypeMismatch {
        /// What the type requires.
        expected: &'static str,
        /// What the input contains.
        found: &'static str,
    },
    /// Text in an encoding other than UTF-8.
    #[error("text is not UTF-8")]
    NotUtf8,
    /// NaN, which is not a Terraform number.
    #[error("a number must not be NaN")]
    NotANumber,
    /// Text that is not a number.
    #[error(transparent)]
    Number(#[from] NumberError),
    /// An attribute that the object type does not have.
    #[error("the type has no attribute {0:?}")]
    UnknownAttribute(String),
    /// An attribute that the object lacks.
    #[error("attribute {0:?} is missing")]
    MissingAttribute(String),
    /// JSON that would expand to a much larger value.
    #[error("more attributes are missing than the text has bytes")]
    TooManyMissing,
    /// An attribute that the object has twice.
    #[error("attribute {0:?} appears twice")]
    DuplicateAttribute(String),
    /// A tuple whose length differs from its type.
    #[error("expected {expected} elements, found {found}")]
    Length {
        /// The length of the type.
        expected: usize,
        /// The length of the value.
        found: usize,
    },
    /// Nesting beyond [`MAX_DEPTH`].
    #[error("the value is nested deeper than {MAX_DEPTH} levels")]
    TooDeep,
    /// Text or a collection whose length exceeds 32 bits.
    #[error("text or collection is too long to encode")]
    TooLong,
    /// A dynamic value that is not a pair of type and value.
    #[error("a dynamic value must be a pair of type and value")]
    NotAPair,
    /// A dynamic value whose own type is dynamic.
    #[error("a dynamic value must carry a concrete type")]
    NotConcrete,
    /// JSON that is not a type constraint.
    #[error("not a type constraint: {0}")]
    NotAType(&'static str),
    /// A MessagePack extension that does not represent an unknown value.
    #[error("extension type {0} is not supported, or its content is too long")]
    Extension(i8),
    /// A refinement of an unknown value that is malformed or does not apply to its type.
    #[error("the refinement of an unknown value is malformed: {0}")]
    Refinement(&'static str),
    /// Invalid JSON. The parser has the same depth limit as [`MAX_DEPTH`].
    #[error("invalid JSON, or nested deeper than {MAX_DEPTH} levels, at line {line}, column {column}")]
    Json {
        /// Counted from one.
        line: usize,
        /// Counted from one, in bytes.
        column: usize,
    },
    /// An unknown value, which JSON cannot represent.
    #[error("an unknown value cannot be written as JSON")]
    UnknownInJson,
    /// An infinite number, which JSON cannot represent.
    #[error("an infinite number cannot be written as JSON")]
    InfinityInJson,
}

impl CodecError {
    pub(super) fn within(mut self, step: PathStep) -> Self {
        self.steps.push(step);
        self
    }

    pub(super) fn in_attribute(self, name: &str) -> Self {
        self.within(PathStep::Attribute(name.to_owned()))
    }

    pub(super) fn in_key(self, key: &str) -> Self {
        self.within(PathStep::Key(key.to_owned()))
    }

    pub(super) fn in_index(self, index: usize) -> Self {
        self.within(PathStep::Index(i64::try_from(index).unwrap_or(i64::MAX)))
    }
}

impl CodecErrorKind {
    pub(super) fn type_mismatch(expected: &'static str, value: &Value) -> Self {
        Self::TypeMismatch { expected, found: value.kind() }
    }
}

impl std::error::Error for CodecError {}

impl<K: Into<CodecErrorKind>> From<K> for CodecError {
    fn from(kind: K) -> Self {
        Self { steps: Vec::new(), kind: kind.into() }
    }
}

/// For example `assignments[2].group_id: expected string, found a bool`. Elements of a set are numbered in the order
/// of the input.
impl fmt::Display for CodecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, step) in self.steps.iter().rev().enumerate() {
            match step {
                PathStep::Attribute(name) if position == 0 => write!(f, "{name}")?,
                PathStep::Attribute(name) => write!(f, ".{name}")?,
                PathStep::Key(key) => write!(f, "[{key:?}]")?,
                PathStep::Index(index) => write!(f, "[{index}]")?,
            }
        }
        let separator = if self.steps.is_empty() { "" } else { ": " };
        write!(f, "{separator}{}", self.kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn message_has_path_and_cause() {
        let error = CodecError::from(CodecErrorKind::Truncated).in_attribute("group_id").in_index(2);
        assert_eq!(
            error.in_attribute("assignments").to_string(),
            "assignments[2].group_id: the bytes end before the value does"
        );
        assert_eq!(
            CodecError::from(CodecErrorKind::NotUtf8).in_key("a b").to_string(),
            "[\"a b\"]: text is not UTF-8"
        );
        assert_eq!(CodecError::from(NumberError::Malformed).to_string(), "the text is not a decimal number");
    }
}
