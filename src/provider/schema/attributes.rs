//! Constructors for the optional arguments of the provider block.

use crate::terraform::schema::{Attribute, Presence};
use crate::terraform::ty::Type;

pub(super) fn text(
    name: &'static str,
    variables: &'static [&'static str],
    description: &'static str,
) -> Attribute {
    Attribute::new(name, Type::String, Presence::Optional, description).from_environment(variables)
}

pub(super) fn switch(
    name: &'static str,
    variables: &'static [&'static str],
    description: &'static str,
) -> Attribute {
    Attribute::new(name, Type::Bool, Presence::Optional, description).from_environment(variables)
}
