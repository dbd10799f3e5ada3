//! Reads lists of targets from arguments and checks them by the rules of the resources. Builds sets of targets.

use crate::resources::assignments::{Assignment, target_rules};
use crate::terraform::diagnostic::Diagnostics;
use crate::terraform::value::Value;

/// A target, and the position of the argument that contains it.
#[derive(Debug)]
pub(super) struct ArgumentTarget {
    pub(super) argument: usize,
    pub(super) target: Assignment,
}

/// Returns the valid targets of an argument, in order, and the errors in the other targets. `name` is the list's name
/// in messages.
pub(super) fn read(name: &'static str, argument: usize, list: &Value) -> (Vec<ArgumentTarget>, Diagnostics) {
    let elements = elements(list);
    let findings = target_rules::check(name, elements);
    let is_valid = |element: &&Value| {
        findings.is_empty() || target_rules::check(name, std::slice::from_ref(*element)).is_empty()
    };
    let targets = elements
        .iter()
        .filter(is_valid)
        .filter_map(Assignment::from_value)
        .map(|target| ArgumentTarget { argument, target });
    (targets.collect(), findings)
}

/// The result of a function that returns these targets.
pub(super) fn to_set(targets: &[Assignment]) -> Value {
    Value::set(targets.iter().map(Assignment::to_value))
}

/// The elements of a list.
pub(super) fn elements(list: &Value) -> &[Value] {
    match list {
        Value::List(elements) => elements,
        _ => &[],
    }
}
