//! Configured values and where they came from. Does not read the provider block or the environment itself.

use std::fmt;

use crate::transport::Secret;

/// Where an input came from. Messages name the origin, never the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum InputOrigin {
    /// An argument of the provider block.
    Argument(&'static str),
    /// An environment variable.
    Variable(&'static str),
}

/// One configured value. Every value is treated as secret, since a password may be in the wrong argument.
#[derive(Debug, Clone)]
pub struct Input {
    /// The text, not trimmed.
    pub text: Secret,
    /// Where it came from.
    pub origin: InputOrigin,
}

/// The value of one argument.
#[derive(Debug, Clone)]
pub enum Setting {
    /// Neither the block nor the environment has it.
    Unset,
    /// The block has it, but its value is known only after apply.
    Unknown,
    /// It has a value.
    Set(Input),
}

/// The provider block, completed from the environment. Arguments have the names of the block ([`super::arguments`]).
/// A boolean of the block is the text `true` or `false`; a variable is passed on as it is.
pub trait Inputs {
    /// All values of an argument: the block's value alone, or else every variable that is set, highest precedence
    /// first.
    fn candidates(&self, argument: &'static str) -> Vec<Setting>;

    /// An environment variable that is not the default of an argument. A blank variable counts as unset.
    fn variable(&self, name: &'static str) -> Option<Input>;

    /// The value with the highest precedence.
    fn get(&self, argument: &'static str) -> Setting {
        self.candidates(argument).into_iter().next().unwrap_or(Setting::Unset)
    }
}

impl fmt::Display for InputOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Argument(name) => write!(f, "the argument {name}"),
            Self::Variable(name) => write!(f, "the environment variable {name}"),
        }
    }
}
