//! Validators of single attribute values. Each sees one known value and nothing else.

use std::fmt;

use super::duration;
use super::value::Value;

/// Validates one known, non-null value. It sees no other value and does no I/O.
pub trait Validator: fmt::Debug + Send + Sync {
    /// Returns the violated rule, or `None` if the value is valid.
    fn check(&self, value: &Value) -> Option<Violation>;
}

/// A rule that a value violates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Follows the attribute's name in the summary: "is not a GUID".
    pub problem: String,
    /// The rule, the actual value, and what to write instead.
    pub detail: String,
}

/// Requires a GUID in the usual form: 32 hexadecimal digits with four hyphens.
#[derive(Debug)]
pub struct Guid;

impl Validator for Guid {
    fn check(&self, value: &Value) -> Option<Violation> {
        let text = value.as_str()?;
        (!is_guid(text)).then(|| Violation {
            problem: "is not a GUID".to_owned(),
            detail: format!(
                "The value is {text:?}. A GUID has 32 hexadecimal digits in groups of 8-4-4-4-12, for example \
                 \"0b8a3d5e-1f2c-4d6b-9a70-5c3e8f1d2b4a\". Names are not accepted here."
            ),
        })
    }
}

/// Requires one of the listed choices.
#[derive(Debug)]
pub struct OneOf(pub &'static [&'static str]);

impl Validator for OneOf {
    fn check(&self, value: &Value) -> Option<Violation> {
        let text = value.as_str()?;
        (!self.0.contains(&text)).then(|| Violation {
            problem: "is not one of the choices".to_owned(),
            detail: format!("The value is {text:?}. The choices are: {}.", self.0.join(", ")),
        })
    }
}

/// Requires at least one character that is not white space.
#[derive(Debug)]
pub struct NotBlank;

impl Validator for NotBlank {
    fn check(&self, value: &Value) -> Option<Violation> {
        let text = value.as_str()?;
        text.trim().is_empty().then(|| Violation {
            problem: "is empty".to_owned(),
            detail: "Set it to a value, or omit the argument if it is optional.".to_owned(),
        })
    }
}

/// Requires a positive duration in Go's format, see [`duration::parse`].
#[derive(Debug)]
pub struct PositiveDuration;

impl Validator for PositiveDuration {
    fn check(&self, value: &Value) -> Option<Violation> {
        let text = value.as_str()?;
        let rule = match duration::parse(text) {
            Ok(duration) if !duration.is_zero() => return None,
            Ok(_) => "must be longer than zero".to_owned(),
            Err(error) => error.to_string(),
        };
        Some(Violation {
            problem: "is not a duration".to_owned(),
            detail: format!(
                "The value {text:?} {rule}. Write numbers with units, for example \"90s\", \"1.5m\" or \"1h30m\"; \
                 the units are h, m, s, ms, us and ns."
            ),
        })
    }
}

/// Whether the text is a GUID, in upper or lower case.
pub fn is_guid(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() == 36
        && bytes.iter().enumerate().all(|(position, byte)| match position {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guids_are_distinguished_from_names() {
        assert!(is_guid("0B8A3D5E-1f2c-4d6b-9a70-5c3e8f1d2b4a"));
        for text in
            ["", "All staff", "0b8a3d5e1f2c4d6b9a705c3e8f1d2b4a", "{0b8a3d5e-1f2c-4d6b-9a70-5c3e8f1d2b4}"]
        {
            assert!(Guid.check(&Value::string(text)).is_some(), "{text}");
        }
    }

    #[test]
    fn a_wrong_choice_lists_the_choices() {
        let violation = OneOf(&["include", "exclude"]).check(&Value::string("none")).unwrap();
        assert_eq!(violation.detail, r#"The value is "none". The choices are: include, exclude."#);
    }

    #[test]
    fn durations_must_be_positive_and_have_units() {
        assert_eq!(PositiveDuration.check(&Value::string("1h30m")), None);
        for text in ["0s", "10", "-5m", "", "soon"] {
            assert!(PositiveDuration.check(&Value::string(text)).is_some(), "{text}");
        }
    }
}
