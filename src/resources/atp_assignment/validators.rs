//! Checks of single values that only this resource needs; each attribute names its own in [`super::schema`].

use crate::terraform::validators::{Validator, Violation, is_guid};
use crate::terraform::value::Value;

use super::names::{ALL_DEVICES, ALL_LICENSED_USERS};

/// What to do instead of writing Graph's words for "none".
pub(super) const LEAVE_BOTH_OUT: &str = "For no filter, leave both filter_id and filter_type out.";

const ZERO_GUID: &str = "00000000-0000-0000-0000-000000000000";

/// The ids by which Intune stands for everybody. Observed; documented nowhere.
const PSEUDO_GROUPS: [(&str, &str); 2] = [
    ("adadadad-808e-44e2-905a-0b7873a8a531", ALL_DEVICES),
    ("acacacac-9df4-4c7d-9d50-4ef0226f57a9", ALL_LICENSED_USERS),
];

/// `include` or `exclude`; Graph's own word for no filter gets a hint of its own.
#[derive(Debug)]
pub(super) struct FilterType;

impl Validator for FilterType {
    fn check(&self, value: &Value) -> Option<Violation> {
        let text = value.as_str()?;
        let hint = match text {
            "include" | "exclude" => return None,
            "none" => format!(" {LEAVE_BOTH_OUT}"),
            _ => String::new(),
        };
        let detail = format!("The value is {text:?}. The choices are: include, exclude.{hint}");
        Some(Violation { problem: "is not one of the choices".to_owned(), detail })
    }
}

/// Anything but the GUID of zeros, which Graph shows where there is nothing.
#[derive(Debug)]
pub(super) struct NotZeroGuid(pub(super) &'static str);

impl Validator for NotZeroGuid {
    fn check(&self, value: &Value) -> Option<Violation> {
        (value.as_str()? == ZERO_GUID).then(|| Violation {
            problem: "is the all-zero GUID".to_owned(),
            detail: format!("That is what Graph shows where there is nothing. {}", self.0),
        })
    }
}

/// Anything but the two ids by which Intune stands for all devices and all users.
#[derive(Debug)]
pub(super) struct NotPseudoGroup;

impl Validator for NotPseudoGroup {
    fn check(&self, value: &Value) -> Option<Violation> {
        let text = value.as_str()?;
        let (_, kind) = PSEUDO_GROUPS.iter().find(|(id, _)| id.eq_ignore_ascii_case(text))?;
        Some(Violation {
            problem: "is not the id of a group".to_owned(),
            detail: format!(
                "Intune uses {text:?} inside for a target of type {kind}. Use that type, without group_id."
            ),
        })
    }
}

/// Anything but a GUID: a common mistake is the id of a group.
#[derive(Debug)]
pub(super) struct NotGuid;

impl Validator for NotGuid {
    fn check(&self, value: &Value) -> Option<Violation> {
        let text = value.as_str().filter(|text| is_guid(text))?;
        Some(Violation {
            problem: "is not the id of a collection".to_owned(),
            detail: format!(
                "The value {text:?} is a GUID, as groups have. Collections of Configuration Manager have ids such as \
                 \"SMS00001\"; for a group, use groupAssignmentTarget and group_id."
            ),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GROUP_ID: &str = "a1b2c3d4-0000-0000-0000-000000000001";

    #[test]
    fn graphs_words_for_no_filter_are_refused_with_a_hint() {
        let none = FilterType.check(&Value::string("none")).unwrap();
        assert!(none.detail.ends_with(LEAVE_BOTH_OUT));
        assert!(
            NotZeroGuid(LEAVE_BOTH_OUT)
                .check(&Value::string(ZERO_GUID))
                .unwrap()
                .detail
                .ends_with(LEAVE_BOTH_OUT)
        );
        assert_eq!(NotZeroGuid(LEAVE_BOTH_OUT).check(&Value::string(GROUP_ID)), None);
    }

    #[test]
    fn ids_that_intune_keeps_for_itself_and_ids_of_the_wrong_kind_are_refused_with_a_hint() {
        for (id, kind) in PSEUDO_GROUPS {
            let violation = NotPseudoGroup.check(&Value::string(id.to_uppercase())).unwrap();
            assert!(violation.detail.contains(kind), "{}", violation.detail);
        }
        assert_eq!(NotPseudoGroup.check(&Value::string(GROUP_ID)), None);
        assert!(NotGuid.check(&Value::string(GROUP_ID)).unwrap().detail.contains("groupAssignmentTarget"));
        assert_eq!(NotGuid.check(&Value::string("SMS00001")), None);
    }
}
