//! Checks of single known values, as attributes carry them.

use std::fmt;

use super::duration;
use super::value::Value;

/// A check of one known, non-null value. It sees no other value and does no I/O.
pub trait Validator: fmt::Debug + Send + Sync {
    /// What is wrong, or `None`.
    fn mistake(&self, value: &Value) -> Option<Mistake>;
}

/// What a validator found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// One line that follows the attribute's name: "is not a GUID".
    pub fact: String,
    /// The rule, the value that was found and what to write instead.
    pub detail: String,
}

/// Text that is a GUID in the usual form of 32 hexadecimal digits with four hyphens.
#[derive(Debug)]
pub struct Guid;

impl Validator for Guid {
    fn mistake(&self, value: &Value) -> Option<Mistake> {
        let text = value.as_str()?;
        (!is_guid(text)).then(|| Mistake {
            fact: "is not a GUID".to_owned(),
            detail: format!(
                "The value is {text:?}. A GUID has 32 hexadecimal digits in groups of 8-4-4-4-12, for example \
                 \"0b8a3d5e-1f2c-4d6b-9a70-5c3e8f1d2b4a\". Names are not accepted here."
            ),
        })
    }
}

/// Text out of a list of choices.
#[derive(Debug)]
pub struct OneOf(pub &'static [&'static str]);

impl Validator for OneOf {
    fn mistake(&self, value: &Value) -> Option<Mistake> {
        let text = value.as_str()?;
        (!self.0.contains(&text)).then(|| Mistake {
            fact: "is not one of the choices".to_owned(),
            detail: format!("The value is {text:?}. The choices are: {}.", self.0.join(", ")),
        })
    }
}

/// Text with at least one character that is not white space.
#[derive(Debug)]
pub struct NotBlank;

impl Validator for NotBlank {
    fn mistake(&self, value: &Value) -> Option<Mistake> {
        let text = value.as_str()?;
        text.trim().is_empty().then(|| Mistake {
            fact: "is empty".to_owned(),
            detail: "Give it a value, or leave the argument out where it is optional.".to_owned(),
        })
    }
}

/// A positive duration in Go's form, see [`duration::parse`].
#[derive(Debug)]
pub struct PositiveDuration;

impl Validator for PositiveDuration {
    fn mistake(&self, value: &Value) -> Option<Mistake> {
        let text = value.as_str()?;
        let rule = match duration::parse(text) {
            Ok(duration) if !duration.is_zero() => return None,
            Ok(_) => "must be longer than nothing".to_owned(),
            Err(error) => error.to_string(),
        };
        Some(Mistake {
            fact: "is not a duration".to_owned(),
            detail: format!(
                "The value {text:?} {rule}. Write numbers with units, for example \"90s\", \"1.5m\" or \"1h30m\"; \
                 the units are h, m, s, ms, us and ns."
            ),
        })
    }
}

/// Whether the text is a GUID, in either case.
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
    fn guids_are_told_from_names() {
        assert!(is_guid("0B8A3D5E-1f2c-4d6b-9a70-5c3e8f1d2b4a"));
        for text in
            ["", "All staff", "0b8a3d5e1f2c4d6b9a705c3e8f1d2b4a", "{0b8a3d5e-1f2c-4d6b-9a70-5c3e8f1d2b4}"]
        {
            assert!(Guid.mistake(&Value::string(text)).is_some(), "{text}");
        }
    }

    #[test]
    fn a_wrong_choice_lists_the_choices() {
        let mistake = OneOf(&["include", "exclude"]).mistake(&Value::string("none")).unwrap();
        assert_eq!(mistake.detail, r#"The value is "none". The choices are: include, exclude."#);
    }

    #[test]
    fn durations_must_be_positive_and_have_units() {
        assert_eq!(PositiveDuration.mistake(&Value::string("1h30m")), None);
        for text in ["0s", "10", "-5m", "", "soon"] {
            assert!(PositiveDuration.mistake(&Value::string(text)).is_some(), "{text}");
        }
    }
}
