//! The types of the functions' parameters and results: lists of targets, lists of ids, and sets of targets.

use crate::resources::assignments::target_rules::{OPTIONAL_ATTRIBUTES, target_type};
use crate::terraform::function::Parameter;
use crate::terraform::ty::Type;

/// A parameter for targets: objects in the shape of `assignments`, in which all attributes but `type` may be left out.
pub(super) fn targets(name: &'static str, description: &'static str) -> Parameter {
    Parameter { name, ty: Type::list(target_type()), optional_attributes: OPTIONAL_ATTRIBUTES, description }
}

/// A parameter for ids.
pub(super) fn ids(name: &'static str, description: &'static str) -> Parameter {
    Parameter { name, ty: Type::list(Type::String), optional_attributes: &[], description }
}

/// A parameter for a single text.
pub(super) fn text(name: &'static str, description: &'static str) -> Parameter {
    Parameter { name, ty: Type::String, optional_attributes: &[], description }
}

/// The result of the functions that return targets. Each object has all attributes; those without a value are null.
pub(super) fn target_set() -> Type {
    Type::set(target_type())
}
