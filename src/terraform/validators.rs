//! Validators of single attribute values. Each sees one known value and nothing else.

use std::fmt;

use super::duration;
use super::value::Value;

/// How similar a value must be to a choice to be taken for a misspelling of it, from 0 to 1 (Jaro-Winkler).
const SIMILARITY: f64 = 0.85;

/// Longer texts are no misspellings, and comparing them takes quadratic time.
const MAX_COMPARED_BYTES: usize = 100;

/// The length of a GUID with hyphens.
const GUID_BYTES: usize = 36;

/// Validates one known, non-null value. It sees no other value and does no I/O.
pub trait Validator: fmt::Debug + Send + Sync {
    /// Returns the violated rule, or `None` if the value is valid.
    fn check(&self, value: &Value) -> Option<Violation>;
}

/// A rule that a value violates. The caller adds the value to the message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Follows the attribute's name in the summary: "is not a GUID".
    pub problem: String,
    /// A sentence about this value alone: "Did you mean …?"
    pub hint: Option<String>,
    /// The rule and what to write instead. The same for every value, so that many values can share one message.
    pub rule: String,
}

/// Requires a GUID in the usual form: 32 hexadecimal digits with four hyphens.
#[derive(Debug)]
pub struct Guid {
    /// Says where the user finds the GUID, in full sentences.
    pub source: &'static str,
}

impl Validator for Guid {
    fn check(&self, value: &Value) -> Option<Violation> {
        let text = value.as_str()?;
        (!is_guid(text)).then(|| Violation {
            problem: "is not a GUID".to_owned(),
            hint: only_guid_in(text).map(did_you_mean),
            rule: format!(
                "A GUID has 32 hexadecimal digits in groups of 8-4-4-4-12, for example \
                 \"0b8a3d5e-1f2c-4d6b-9a70-5c3e8f1d2b4a\". Names are not accepted. {}",
                self.source
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
            problem: "is not one of the allowed values".to_owned(),
            hint: similar_choice(text, self.0).map(did_you_mean),
            rule: format!("The choices are: {}.", self.0.join(", ")),
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
            hint: None,
            rule: "Set it to a value, or omit the argument if it is optional.".to_owned(),
        })
    }
}

/// Requires a positive duration in Go's format, see [`duration::parse`].
#[derive(Debug)]
pub struct PositiveDuration;

impl Validator for PositiveDuration {
    fn check(&self, value: &Value) -> Option<Violation> {
        let text = value.as_str()?;
        let problem = match duration::parse(text) {
            Ok(duration) if !duration.is_zero() => return None,
            Ok(_) => "must be longer than zero".to_owned(),
            Err(error) => error.to_string(),
        };
        Some(Violation {
            problem: "is not a duration".to_owned(),
            hint: Some(format!("It {problem}.")),
            rule: "Write numbers with units, for example \"90s\", \"1.5m\" or \"1h30m\"; the units are h, m, s, ms, \
                   us and ns."
                .to_owned(),
        })
    }
}

fn did_you_mean(suggestion: &str) -> String {
    format!("Did you mean {suggestion:?}?")
}

/// The choice that the text probably means: its beginning, Graph's qualified name, or a misspelling.
fn similar_choice(text: &str, choices: &[&'static str]) -> Option<&'static str> {
    let text =
        text.trim().trim_start_matches('#').trim_start_matches("microsoft.graph.").to_ascii_lowercase();
    if text.is_empty() || text.len() > MAX_COMPARED_BYTES {
        return None;
    }
    let lower = |choice: &str| choice.to_ascii_lowercase();
    let mut starting = choices.iter().filter(|choice| lower(choice).starts_with(&text));
    if let (Some(choice), None) = (starting.next(), starting.next()) {
        return Some(choice);
    }
    let scored = choices.iter().map(|choice| (strsim::jaro_winkler(&text, &lower(choice)), *choice));
    let (score, choice) = scored.max_by(|(one, _), (other, _)| one.total_cmp(other))?;
    (score >= SIMILARITY).then_some(choice)
}

/// The GUID inside a text, such as the address of a page or a GUID in braces, if it contains exactly one.
fn only_guid_in(text: &str) -> Option<&str> {
    let mut guids = guids_in(text);
    let first = guids.next()?;
    guids.all(|guid| guid.eq_ignore_ascii_case(first)).then_some(first)
}

/// The GUIDs inside a text, in order. More hexadecimal digits at either end make a text no GUID.
pub fn guids_in(text: &str) -> impl Iterator<Item = &str> {
    let is_digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_hexdigit);
    (0..text.len()).filter_map(move |start| {
        let end = start + GUID_BYTES;
        let guid = text.get(start..end).filter(|guid| is_guid(guid))?;
        let bytes = text.as_bytes();
        let is_cut =
            is_digit(start.checked_sub(1).and_then(|before| bytes.get(before))) || is_digit(bytes.get(end));
        (!is_cut).then_some(guid)
    })
}

/// Whether the text is a GUID, in upper or lower case.
pub fn is_guid(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() == GUID_BYTES
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
            assert!(Guid { source: "" }.check(&Value::string(text)).is_some(), "{text}");
        }
    }

    #[test]
    fn the_only_guid_in_a_text_is_suggested() {
        let guid = "0b8a3d5e-1f2c-4d6b-9a70-5c3e8f1d2b4a";
        let other = "1b8a3d5e-1f2c-4d6b-9a70-5c3e8f1d2b4a";
        let suggested = [
            format!("{{{guid}}}"),
            format!(" {guid}\n"),
            format!("https://intune.microsoft.com/#view/Blade/policyId/{guid}/policyName/é"),
        ];
        for text in suggested {
            assert_eq!(only_guid_in(&text), Some(guid), "{text}");
        }
        for text in ["Sales", "é", &format!("{guid}0"), &format!("a{guid}"), &format!("{guid}/{other}")] {
            assert_eq!(only_guid_in(text), None, "{text}");
        }
    }

    #[test]
    fn a_similar_choice_is_suggested() {
        let choices =
            &["allDevicesAssignmentTarget", "groupAssignmentTarget", "exclusionGroupAssignmentTarget"];
        for (text, suggestion) in [
            ("#microsoft.graph.groupAssignmentTarget", Some("groupAssignmentTarget")),
            ("group", Some("groupAssignmentTarget")),
            ("AllDevices", Some("allDevicesAssignmentTarget")),
            ("exclusionGroupAsignmentTarget", Some("exclusionGroupAssignmentTarget")),
            ("", None),
            ("a team in Teams", None),
            ("AssignmentTarget", None),
        ] {
            assert_eq!(similar_choice(text, choices), suggestion, "{text}");
        }
    }

    #[test]
    fn a_wrong_choice_lists_the_choices() {
        let violation = OneOf(&["include", "exclude"]).check(&Value::string("none")).unwrap();
        assert_eq!(violation.rule, "The choices are: include, exclude.");
        assert_eq!(violation.hint, None);
    }

    #[test]
    fn durations_must_be_positive_and_have_units() {
        assert_eq!(PositiveDuration.check(&Value::string("1h30m")), None);
        for text in ["0s", "10", "-5m", "", "soon"] {
            assert!(PositiveDuration.check(&Value::string(text)).is_some(), "{text}");
        }
    }
}
