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

/// One configured value. Every value is treated as secret, because the user may have set a password in the wrong
/// argument.
#[derive(Debug, Clone)]
pub struct Input {
    /// The text, not trimmed.
    pub text: Secret,
    /// Where the text came from.
    pub origin: InputOrigin,
}

/// The value of one argument.
#[derive(Debug, Clone)]
pub enum Setting {
    /// Neither the provider block nor the environment sets the argument.
    Unset,
    /// The provider block sets the argument, but its value is known only after apply.
    Unknown,
    /// The argument has a value.
    Set(Input),
}

/// The provider block, completed from the environment. The names of the arguments are in [`super::arguments`]. Booleans
/// of the provider block become the text `true` or `false`; environment variables are not changed.
pub trait Inputs {
    /// All values of an argument. If the provider block sets the argument, only that value; otherwise every environment
    /// variable of the argument that is set, highest precedence first.
    fn candidates(&self, argument: &'static str) -> Vec<Setting>;

    /// The value of an environment variable that belongs to no argument. A blank variable counts as unset.
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
