//! Keeps the spelling of values that mean the same.

use crate::terraform::value::Value;

/// Returns the prior description if both are empty, because null and an empty string mean the same.
pub(super) fn of_description(planned: &Value, prior: &Value) -> Option<Value> {
    (is_empty(planned) && is_empty(prior) && planned != prior).then(|| prior.clone())
}

fn is_empty(description: &Value) -> bool {
    description.is_null() || description.as_str() == Some("")
}
