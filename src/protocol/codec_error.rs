//! What can be wrong with the encoding of a value, and where. Not what is wrong with the value itself.

use std::fmt;

use crate::terraform::attribute_path::Step;
use crate::terraform::number::NumberError;
use crate::terraform::value::Value;

/// How many levels a value, or a type in JSON, may be nested.
///
/// A dynamic slot lets the sender nest without limit; no real schema comes near this.
pub const MAX_DEPTH: usize = 128;

/// A value that could not be decoded or encoded. Its text never holds content of the value, which could be a secret.
///
/// A struct around the enum, so that the place does not repeat in every variant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodecError {
    /// From the innermost outwards, as they are added while the error travels up.
    steps: Vec<Step>,
    problem: Problem,
}

/// What is wrong, without the place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// Fewer bytes than their headers claim.
    #[error("the bytes end before the value does")]
    Truncated,
    /// More bytes than the value needs.
    #[error("there are bytes after the end of the value")]
    TrailingBytes,
    /// Another kind of thing than its type asks for.
    #[error("expected {expected}, found {found}")]
    Misfit {
        /// What the type asks for.
        expected: &'static str,
        /// What is there.
        found: &'static str,
    },
    /// Text in another encoding.
    #[error("text is not UTF-8")]
    NotUtf8,
    /// "Not a number", which no Terraform value is.
    #[error("a number must not be NaN")]
    NotANumber,
    /// Text in the place of a number.
    #[error(transparent)]
    Number(#[from] NumberError),
    /// A name that the object type does not have.
    #[error("the type has no attribute {0:?}")]
    UnknownAttribute(String),
    /// A name that the object lacks.
    #[error("attribute {0:?} is missing")]
    MissingAttribute(String),
    /// JSON that would become a much larger value.
    #[error("more attributes are missing than the text has bytes")]
    TooManyMissing,
    /// A name that the object holds twice.
    #[error("attribute {0:?} appears twice")]
    DuplicateAttribute(String),
    /// A tuple of another length than its type.
    #[error("expected {expected} elements, found {found}")]
    Length {
        /// Positions of the type.
        expected: usize,
        /// Elements of the value.
        found: usize,
    },
    /// More levels than [`MAX_DEPTH`].
    #[error("the value is nested deeper than {MAX_DEPTH} levels")]
    TooDeep,
    /// Text or a collection beyond what a 32-bit header can claim.
    #[error("text or collection is too long to be sent")]
    TooLong,
    /// A dynamic slot without its pair of type and value.
    #[error("a dynamic value must be a pair of type and value")]
    NotAPair,
    /// A dynamic value whose own type is dynamic again.
    #[error("a dynamic value must carry a concrete type")]
    NotConcrete,
    /// JSON that is no type constraint.
    #[error("not a type constraint: {0}")]
    NotAType(&'static str),
    /// A MessagePack extension that does not stand for an unknown value.
    #[error("extension type {0} is not supported, or its content is too long")]
    Extension(i8),
    /// A promise about an unknown value that cannot be read, or does not suit its type.
    #[error("the promise about an unknown value is malformed: {0}")]
    Refinement(&'static str),
    /// Not JSON. The parser has the same limit of depth as we have.
    #[error("not JSON, or nested deeper than {MAX_DEPTH} levels, at line {line}, column {column}")]
    Json {
        /// Counted from one.
        line: usize,
        /// Counted from one, in bytes.
        column: usize,
    },
    /// An unknown value, for which JSON has no form.
    #[error("an unknown value cannot be written as JSON")]
    UnknownInJson,
    /// An infinite number, for which JSON has no form.
    #[error("an infinite number cannot be written as JSON")]
    InfinityInJson,
}

impl CodecError {
    /// What is wrong, without the place.
    pub fn problem(&self) -> &Problem {
        &self.problem
    }

    pub(super) fn within(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }

    pub(super) fn in_attribute(self, name: &str) -> Self {
        self.within(Step::Attribute(name.to_owned()))
    }

    pub(super) fn in_key(self, key: &str) -> Self {
        self.within(Step::Key(key.to_owned()))
    }

    pub(super) fn in_index(self, index: usize) -> Self {
        self.within(Step::Index(i64::try_from(index).unwrap_or(i64::MAX)))
    }
}

impl Problem {
    pub(super) fn misfit(expected: &'static str, value: &Value) -> Self {
        Self::Misfit { expected, found: value.kind() }
    }
}

impl std::error::Error for CodecError {}

impl<P: Into<Problem>> From<P> for CodecError {
    fn from(problem: P) -> Self {
        Self { steps: Vec::new(), problem: problem.into() }
    }
}

/// `assignments[2].group_id: expected string, found a bool`. Elements of a set are counted as they came.
impl fmt::Display for CodecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, step) in self.steps.iter().rev().enumerate() {
            match step {
                Step::Attribute(name) if position == 0 => write!(f, "{name}")?,
                Step::Attribute(name) => write!(f, ".{name}")?,
                Step::Key(key) => write!(f, "[{key:?}]")?,
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        let separator = if self.steps.is_empty() { "" } else { ": " };
        write!(f, "{separator}{}", self.problem)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_place_and_the_problem() {
        let error = CodecError::from(Problem::Truncated).in_attribute("group_id").in_index(2);
        assert_eq!(
            error.in_attribute("assignments").to_string(),
            "assignments[2].group_id: the bytes end before the value does"
        );
        assert_eq!(
            CodecError::from(Problem::NotUtf8).in_key("a b").to_string(),
            "[\"a b\"]: text is not UTF-8"
        );
        assert_eq!(CodecError::from(NumberError::Malformed).to_string(), "the text is not a decimal number");
    }
}
