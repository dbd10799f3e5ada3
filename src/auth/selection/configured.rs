//! Types for configured values and their sources. Reads no configuration.

use std::path::PathBuf;

use crate::transport::Secret;

use super::super::inputs::InputOrigin;
use super::input_error::{InputError, InputErrorKind};

/// An argument's name and where its value came from.
pub(super) type Source = (&'static str, InputOrigin);

/// The value of an input, if it is set and known.
#[derive(Debug, Clone)]
pub(super) enum Configured<T> {
    Missing,
    /// The value of this argument is known only after apply.
    Unknown(&'static str),
    /// The value and where it came from.
    Known(T, Vec<Source>),
}

/// An input that is set as a value, as a file, or as both with the same content.
pub(super) struct ValueOrFile {
    pub value: Option<Secret>,
    pub file: Option<PathBuf>,
    /// The file's current content.
    pub content: Option<Vec<u8>>,
}

/// A boolean input.
#[derive(Debug, Clone, Copy)]
pub(super) enum Flag {
    Unset,
    Unknown,
    Set(bool, InputOrigin),
}

impl<T> Configured<T> {
    /// Converts a known value. An error is reported at the value's source, or at the argument `name`.
    pub(super) fn try_map<U>(
        self,
        name: &'static str,
        convert: impl FnOnce(T) -> Result<U, InputErrorKind>,
    ) -> Result<Configured<U>, InputError> {
        match self {
            Self::Missing => Ok(Configured::Missing),
            Self::Unknown(argument) => Ok(Configured::Unknown(argument)),
            Self::Known(value, sources) => match convert(value) {
                Ok(converted) => Ok(Configured::Known(converted, sources)),
                Err(kind) => {
                    let source = sources.first().copied().unwrap_or((name, InputOrigin::Argument(name)));
                    Err(InputError::at(source, kind))
                }
            },
        }
    }

    pub(super) fn is_missing(&self) -> bool {
        matches!(self, Self::Missing)
    }

    /// Whether the provider block sets the input. Only the block can hold unknown values.
    pub(super) fn is_in_block(&self) -> bool {
        match self {
            Self::Missing => false,
            Self::Unknown(_) => true,
            Self::Known(_, sources) => {
                sources.iter().any(|(_, origin)| matches!(origin, InputOrigin::Argument(_)))
            }
        }
    }
}

impl Flag {
    /// Whether the flag is true, or may turn out to be true after apply.
    pub(super) fn may_be_true(self) -> bool {
        matches!(self, Self::Set(true, _) | Self::Unknown)
    }
}

impl ValueOrFile {
    /// An input with neither value nor file.
    pub(super) fn empty() -> Self {
        Self { value: None, file: None, content: None }
    }

    /// The value, or else the trimmed content of the file.
    pub(super) fn into_text(self) -> Result<Secret, InputErrorKind> {
        if let Some(value) = self.value {
            return Ok(value);
        }
        let text = String::from_utf8(self.content.unwrap_or_default())
            .map_err(|_| InputErrorKind::Unreadable("it is not UTF-8 text".to_owned()))?;
        match text.trim() {
            "" => Err(InputErrorKind::Unreadable("it is empty".to_owned())),
            text => Ok(Secret::new(text)),
        }
    }
}
