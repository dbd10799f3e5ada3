//! Values that mean the same in different spellings.

use crate::terraform::value::Value;

/// Null and empty descriptions are the same: the prior one stays.
pub(super) fn of_description(planned: &Value, prior: &Value) -> Option<Value> {
    (is_empty(planned) && is_empty(prior) && planned != prior).then(|| prior.clone())
}

fn is_empty(description: &Value) -> bool {
    description.is_null() || description.as_str() == Some("")
}
