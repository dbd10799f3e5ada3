//! Keeps the prior spelling of an empty description: null or an empty string.

use crate::terraform::value::Value;

/// Returns the prior description if the planned and the prior description are empty but differ. Null and an empty
/// string mean the same.
pub(super) fn prior_empty_description(planned: &Value, prior: &Value) -> Option<Value> {
    (is_empty(planned) && is_empty(prior) && planned != prior).then(|| prior.clone())
}

fn is_empty(description: &Value) -> bool {
    description.is_null() || description.as_str() == Some("")
}
