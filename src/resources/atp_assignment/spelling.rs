//! Keeps spellings: Graph and people write the same GUID in different case, and neither is a change.

use crate::terraform::value::Value;

use super::model::Assignment;

/// The planned id, or the prior one if only case differs.
pub(super) fn of_id(planned: &Value, prior: &Value) -> Value {
    match (planned.as_str(), prior.as_str()) {
        (Some(planned_id), Some(prior_id)) if planned_id.eq_ignore_ascii_case(prior_id) => prior.clone(),
        _ => planned.clone(),
    }
}

/// The planned set, each element in the spelling of the prior element that means the same.
pub(super) fn of_assignments(planned: &Value, prior: &Value) -> Value {
    let (Some(planned_set), Some(prior_set)) = (planned.as_set(), prior.as_set()) else {
        return planned.clone();
    };
    let spellings: Vec<Assignment> = prior_set.iter().filter_map(Assignment::from_value).collect();
    Value::set(planned_set.iter().map(|element| respelled(element, &spellings)))
}

/// The assignment in the first spelling that means the same, or else as it is.
pub(super) fn of_assignment(assignment: Assignment, spellings: &[Assignment]) -> Assignment {
    let canonical = assignment.canonical();
    spellings.iter().find(|spelling| spelling.canonical() == canonical).cloned().unwrap_or(assignment)
}

/// Elements that are not wholly known are left alone.
fn respelled(element: &Value, spellings: &[Assignment]) -> Value {
    match Assignment::from_value(element) {
        Some(assignment) if element.is_wholly_known() && assignment.to_value() == *element => {
            of_assignment(assignment, spellings).to_value()
        }
        _ => element.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources::atp_assignment::names::{EXCLUSION_GROUP, GROUP};

    fn assignment(target_type: &str, group_id: &str) -> Assignment {
        Assignment {
            target_type: target_type.to_owned(),
            group_id: Some(group_id.to_owned()),
            collection_id: None,
            filter: None,
        }
    }

    fn set(assignments: &[Assignment]) -> Value {
        Value::set(assignments.iter().map(Assignment::to_value))
    }

    #[test]
    fn a_difference_in_case_keeps_the_prior_spelling_element_by_element() {
        let prior = set(&[assignment(GROUP, "aa"), assignment(GROUP, "bb")]);
        let planned = set(&[assignment(GROUP, "AA"), assignment(GROUP, "CC")]);
        let expected = set(&[assignment(GROUP, "aa"), assignment(GROUP, "CC")]);
        assert_eq!(of_assignments(&planned, &prior), expected);
    }

    #[test]
    fn another_kind_of_target_is_another_element() {
        let planned = set(&[assignment(EXCLUSION_GROUP, "AA")]);
        assert_eq!(of_assignments(&planned, &set(&[assignment(GROUP, "aa")])), planned);
    }

    #[test]
    fn unknown_values_stay_unknown() {
        let prior = set(&[assignment(GROUP, "aa")]);
        assert_eq!(of_assignments(&Value::unknown(), &prior), Value::unknown());
        let mut attributes = assignment(GROUP, "AA").to_value().as_object().cloned().unwrap();
        attributes.insert("group_id".to_owned(), Value::unknown());
        let planned = Value::set([Value::Object(attributes)]);
        assert_eq!(of_assignments(&planned, &prior), planned);
    }
}
