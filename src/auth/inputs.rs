//! What the user gave, and where it came from. Does not read the provider block or the environment itself.

use std::fmt;

use crate::transport::Secret;

/// Where an input came from, for messages: the place, never the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Origin {
    /// An argument of the provider block.
    Argument(&'static str),
    /// An environment variable.
    Variable(&'static str),
}

/// One value as given. Every value is treated as secret: a file name is no harm, a password in the wrong argument is.
#[derive(Debug, Clone)]
pub struct Input {
    /// The text, with the white space that it was given with.
    pub text: Secret,
    /// Where it came from.
    pub origin: Origin,
}

/// What is known of one argument.
#[derive(Debug, Clone)]
pub enum Setting {
    /// Neither the block nor the environment has it.
    Unset,
    /// The block has it, and its value is known after apply only.
    Unknown,
    /// It has a value.
    Given(Input),
}

/// The provider block completed from the environment. Arguments are named as in the block ([`super::arguments`]);
/// truth values of the block come as the text `true` or `false`, those of variables as they are.
pub trait Inputs {
    /// Everything that was given for an argument: the block's value, or else every variable that is set, in the
    /// order in which they count. An unknown value stands alone.
    fn candidates(&self, argument: &'static str) -> Vec<Setting>;

    /// An environment variable by its own name, for what is no argument. A blank one counts as none.
    fn variable(&self, name: &'static str) -> Option<Input>;

    /// What counts: the first candidate.
    fn get(&self, argument: &'static str) -> Setting {
        self.candidates(argument).into_iter().next().unwrap_or(Setting::Unset)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Argument(name) => write!(f, "the argument {name}"),
            Self::Variable(name) => write!(f, "the environment variable {name}"),
        }
    }
}
