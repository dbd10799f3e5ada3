//! Validators that only this resource uses.

use crate::terraform::validators::{Validator, Violation};
use crate::terraform::value::Value;

/// Limits the length of a text to this number of characters.
#[derive(Debug)]
pub(super) struct MaxCharacters(pub(super) usize);

impl Validator for MaxCharacters {
    fn check(&self, value: &Value) -> Option<Violation> {
        let count = value.as_str()?.chars().count();
        (count > self.0).then(|| Violation {
            problem: "is too long".to_owned(),
            hint: Some(format!("It has {count} characters.")),
            rule: format!("At most {} characters are allowed.", self.0),
        })
    }
}
