//! Keeps the spelling of ids: a GUID that differs only in case is not a change.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::graph::PolicyId;
use crate::graph::ids::to_lower_case;
use crate::terraform::value::Value;

use super::model::Assignment;
use super::names::{COLLECTION_ID, FILTER_ID, FILTER_TYPE, GROUP_ID, TYPE};

/// Returns the prior id if only case differs.
pub(super) fn of_id(planned: &Value, prior: &Value) -> Option<Value> {
    let is_same = PolicyId::is_same(planned.as_str()?, prior.as_str()?);
    is_same.then(|| prior.clone())
}

/// Returns the planned set. Elements that differ from a prior element only in case get its spelling. `None` if nothing
/// changes.
pub(super) fn of_assignments(planned: &Value, prior: &Value) -> Option<Value> {
    let (planned, prior) = (planned.as_set()?, prior.as_set()?);
    let spellings =
        by_key(prior.iter().filter_map(|element| Some((ComparisonKey::of_element(element)?, element))));
    let respelled: Vec<_> = planned.iter().map(|element| respelled(element, &spellings)).collect();
    if respelled.iter().all(Option::is_none) {
        return None;
    }
    let new_element =
        |(element, respelled): (&Value, Option<Value>)| respelled.unwrap_or_else(|| element.clone());
    Some(Value::set(planned.iter().zip(respelled).map(new_element)))
}

/// Assignments in their current spelling, by comparison key.
pub(super) struct Spellings<'a>(HashMap<ComparisonKey<'a>, &'a Assignment>);

impl<'a> Spellings<'a> {
    /// If several assignments are equal, the first spelling is used.
    pub(super) fn new(spellings: &'a [Assignment]) -> Self {
        Self(by_key(spellings.iter().map(|assignment| (ComparisonKey::of(assignment), assignment))))
    }

    /// Returns the equal assignment in its current spelling; if there is none, the assignment itself.
    pub(super) fn of<'b>(&self, assignment: &'b Assignment) -> &'b Assignment
    where
        'a: 'b,
    {
        self.0.get(&ComparisonKey::of(assignment)).copied().unwrap_or(assignment)
    }
}

/// The members of an assignment with ids in lower case, borrowed if possible. Assignments are equal if their keys are
/// equal.
#[derive(PartialEq, Eq, Hash)]
struct ComparisonKey<'a> {
    target_type: &'a str,
    group_id: Option<Cow<'a, str>>,
    collection_id: Option<Cow<'a, str>>,
    /// Id and type.
    filter: Option<(Cow<'a, str>, &'a str)>,
}

impl<'a> ComparisonKey<'a> {
    fn of(assignment: &'a Assignment) -> Self {
        let filter = assignment.filter.as_ref();
        Self {
            target_type: &assignment.target_type,
            group_id: assignment.group_id.as_deref().map(to_lower_case),
            collection_id: assignment.collection_id.as_deref().map(to_lower_case),
            filter: filter.map(|filter| (to_lower_case(&filter.filter_id), filter.filter_type.as_str())),
        }
    }

    /// The key of [`Assignment::from_value`].
    fn of_element(element: &'a Value) -> Option<Self> {
        let text = |name| element.attribute(name).and_then(Value::as_str);
        Some(Self {
            target_type: text(TYPE)?,
            group_id: text(GROUP_ID).map(to_lower_case),
            collection_id: text(COLLECTION_ID).map(to_lower_case),
            filter: text(FILTER_ID).map(to_lower_case).zip(text(FILTER_TYPE)),
        })
    }
}

fn by_key<'a, T>(spellings: impl Iterator<Item = (ComparisonKey<'a>, T)>) -> HashMap<ComparisonKey<'a>, T> {
    let mut found = HashMap::new();
    for (key, spelling) in spellings {
        found.entry(key).or_insert(spelling);
    }
    found
}

/// Returns the element in its current spelling, if that spelling differs. Skips elements that are not wholly known or
/// that an [`Assignment`] cannot represent exactly.
fn respelled(element: &Value, spellings: &HashMap<ComparisonKey<'_>, &Value>) -> Option<Value> {
    let spelling = *spellings.get(&ComparisonKey::of_element(element)?)?;
    if spelling == element {
        return None;
    }
    let is_representable =
        element.is_wholly_known() && Assignment::from_value(element)?.to_value() == *element;
    if is_representable { Some(Assignment::from_value(spelling)?.to_value()) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources::assignments::names::{EXCLUSION_GROUP, GROUP};

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
        assert_eq!(of_assignments(&planned, &prior), Some(expected));
    }

    #[test]
    fn another_kind_of_target_is_another_element() {
        let planned = set(&[assignment(EXCLUSION_GROUP, "AA")]);
        assert_eq!(of_assignments(&planned, &set(&[assignment(GROUP, "aa")])), None);
    }

    #[test]
    fn unknown_values_stay_unknown() {
        let prior = set(&[assignment(GROUP, "aa")]);
        assert_eq!(of_assignments(&Value::unknown(), &prior), None);
        let mut attributes = assignment(GROUP, "AA").to_value().as_object().cloned().unwrap();
        attributes.insert("group_id".to_owned(), Value::unknown());
        let planned = Value::set([Value::Object(attributes)]);
        assert_eq!(of_assignments(&planned, &prior), None);
    }
}
