//! Keeps the prior spelling of ids, because an id that differs only in case is not a change.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::graph::PolicyId;
use crate::graph::ids::to_lower_case;
use crate::terraform::value::Value;

use super::model::Assignment;
use super::names::{COLLECTION_ID, FILTER_ID, FILTER_TYPE, GROUP_ID, TYPE};

/// Returns the prior id if the planned id differs only in case.
pub(super) fn keep_prior_id(planned: &Value, prior: &Value) -> Option<Value> {
    let is_same_policy = PolicyId::is_same(planned.as_str()?, prior.as_str()?);
    is_same_policy.then(|| prior.clone())
}

/// Returns the planned set, in which each element that differs from a prior element only in case has the prior
/// spelling. Returns `None` if no element changes.
pub(super) fn keep_prior_ids_of_assignments(planned: &Value, prior: &Value) -> Option<Value> {
    let (planned, prior) = (planned.as_set()?, prior.as_set()?);
    let spellings = index_by_key(
        prior.iter().filter_map(|element| Some((ComparisonKey::from_element(element)?, element))),
    );
    let respelled: Vec<_> = planned.iter().map(|element| respell(element, &spellings)).collect();
    if respelled.iter().all(Option::is_none) {
        return None;
    }
    let new_element =
        |(element, respelled): (&Value, Option<Value>)| respelled.unwrap_or_else(|| element.clone());
    Some(Value::set(planned.iter().zip(respelled).map(new_element)))
}

/// The spelling of each prior assignment.
pub(super) struct Spellings<'a>(HashMap<ComparisonKey<'a>, &'a Assignment>);

impl<'a> Spellings<'a> {
    /// Indexes the prior assignments. If several are equal, the first spelling wins.
    pub(super) fn new(assignments: &'a [Assignment]) -> Self {
        let keyed =
            assignments.iter().map(|assignment| (ComparisonKey::from_assignment(assignment), assignment));
        Self(index_by_key(keyed))
    }

    /// Returns the prior assignment that is equal, or `assignment` itself if none is.
    pub(super) fn apply_to<'b>(&self, assignment: &'b Assignment) -> &'b Assignment
    where
        'a: 'b,
    {
        self.0.get(&ComparisonKey::from_assignment(assignment)).copied().unwrap_or(assignment)
    }
}

/// The members of an assignment, with ids in lower case. Two assignments are equal if their keys are equal. The members
/// are borrowed if possible.
#[derive(PartialEq, Eq, Hash)]
struct ComparisonKey<'a> {
    target_type: &'a str,
    group_id: Option<Cow<'a, str>>,
    collection_id: Option<Cow<'a, str>>,
    /// The id and type of the filter.
    filter: Option<(Cow<'a, str>, &'a str)>,
}

impl<'a> ComparisonKey<'a> {
    fn from_assignment(assignment: &'a Assignment) -> Self {
        let filter = assignment.filter.as_ref();
        Self {
            target_type: &assignment.target_type,
            group_id: assignment.group_id.as_deref().map(to_lower_case),
            collection_id: assignment.collection_id.as_deref().map(to_lower_case),
            filter: filter.map(|filter| (to_lower_case(&filter.filter_id), filter.filter_type.as_str())),
        }
    }

    /// The key of the assignment that [`Assignment::from_value`] parses from this element.
    fn from_element(element: &'a Value) -> Option<Self> {
        let text = |name| element.attribute(name).and_then(Value::as_str);
        Some(Self {
            target_type: text(TYPE)?,
            group_id: text(GROUP_ID).map(to_lower_case),
            collection_id: text(COLLECTION_ID).map(to_lower_case),
            filter: text(FILTER_ID).map(to_lower_case).zip(text(FILTER_TYPE)),
        })
    }
}

fn index_by_key<'a, T>(
    spellings: impl Iterator<Item = (ComparisonKey<'a>, T)>,
) -> HashMap<ComparisonKey<'a>, T> {
    let mut index = HashMap::new();
    for (key, spelling) in spellings {
        index.entry(key).or_insert(spelling);
    }
    index
}

/// Returns the element in its prior spelling if that spelling differs. Returns `None` for an element that is not wholly
/// known or that an [`Assignment`] cannot represent exactly.
fn respell(element: &Value, spellings: &HashMap<ComparisonKey<'_>, &Value>) -> Option<Value> {
    let prior = *spellings.get(&ComparisonKey::from_element(element)?)?;
    if prior == element {
        return None;
    }
    let is_representable =
        element.is_wholly_known() && Assignment::from_value(element)?.to_value() == *element;
    if is_representable { Some(Assignment::from_value(prior)?.to_value()) } else { None }
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
        assert_eq!(keep_prior_ids_of_assignments(&planned, &prior), Some(expected));
    }

    #[test]
    fn another_kind_of_target_is_another_element() {
        let planned = set(&[assignment(EXCLUSION_GROUP, "AA")]);
        assert_eq!(keep_prior_ids_of_assignments(&planned, &set(&[assignment(GROUP, "aa")])), None);
    }

    #[test]
    fn unknown_values_stay_unknown() {
        let prior = set(&[assignment(GROUP, "aa")]);
        assert_eq!(keep_prior_ids_of_assignments(&Value::unknown(), &prior), None);
        let mut attributes = assignment(GROUP, "AA").to_value().as_object().cloned().unwrap();
        attributes.insert("group_id".to_owned(), Value::unknown());
        let planned = Value::set([Value::Object(attributes)]);
        assert_eq!(keep_prior_ids_of_assignments(&planned, &prior), None);
    }
}
