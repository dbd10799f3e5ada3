//! The planned values of computed attributes. They are known wherever possible, so that a plan shows only the targets
//! that are added or removed. They depend on the plan alone, because Terraform repeats the plan during apply and
//! refuses a different result.

use std::collections::BTreeMap;

use crate::terraform::plan::Plan;
use crate::terraform::value::Value;

use super::kind::PolicyKind;
use super::model::Assignment;
use super::names::{
    ASSIGNMENT_IDS, ASSIGNMENTS, COLLECTION, COLLECTION_ID, EXCLUSION_GROUP, GROUP, GROUP_ID, ID,
    INHERITED_ASSIGNMENTS, TYPE,
};

/// Sets `id` to the policy's id. Keeps the prior `inherited_assignments`, and the prior element of `assignment_ids` for
/// each assignment that stays. The next refresh updates both attributes. If the policy's id changes, both attributes
/// are unknown.
pub(super) fn set_planned_values(kind: &PolicyKind, plan: &mut Plan) {
    plan.set(ID, plan.planned(kind.id_attribute).clone());
    if plan.changes(kind.id_attribute) {
        return;
    }
    plan.keep_prior(INHERITED_ASSIGNMENTS);
    if plan.changes(ASSIGNMENTS) {
        let ids = assignment_ids(plan.planned(ASSIGNMENTS), plan.prior.attribute(ASSIGNMENT_IDS));
        plan.set(ASSIGNMENT_IDS, ids);
    } else {
        plan.keep_prior(ASSIGNMENT_IDS);
    }
}

/// Returns the prior id for each assignment that stays, and an unknown id for each new assignment. If the key of an
/// assignment is not known yet, the whole map is unknown.
fn assignment_ids(planned: &Value, prior: Option<&Value>) -> Value {
    let prior_ids = prior.and_then(Value::as_map);
    let prior_id = |key: &str| prior_ids?.get(key).filter(|id| id.as_str().is_some()).cloned();
    let keys: Option<Vec<String>> =
        planned.as_set().and_then(|set| set.iter().map(key).collect::<Option<Vec<_>>>());
    let Some(keys) = keys else { return Value::unknown() };
    let ids = keys.into_iter().map(|key| (prior_id(&key).unwrap_or_else(Value::unknown), key));
    Value::Map(ids.map(|(id, key)| (key, id)).collect::<BTreeMap<_, _>>())
}

/// The key of an element of `assignments` in `assignment_ids`; `None` if the key is not known yet.
fn key(element: &Value) -> Option<String> {
    let id = match element.attribute(TYPE)?.as_str()? {
        GROUP | EXCLUSION_GROUP => element.attribute(GROUP_ID),
        COLLECTION => element.attribute(COLLECTION_ID),
        _ => None,
    };
    if id.is_some_and(Value::is_unknown) {
        return None;
    }
    Assignment::from_value(element).map(|assignment| assignment.key())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(group_id: Value) -> Value {
        Value::object([(TYPE, Value::string(GROUP)), (GROUP_ID, group_id)])
    }

    fn prior() -> Value {
        Value::map([
            ("groupAssignmentTarget/aa", Value::string("p_aa")),
            ("groupAssignmentTarget/bb", Value::Null),
        ])
    }

    #[test]
    fn a_key_that_stays_keeps_its_id_and_a_new_one_is_unknown() {
        let planned = Value::set(["AA", "bb", "cc"].map(|id| group(Value::string(id))));
        let expected = Value::map([
            ("groupAssignmentTarget/aa", Value::string("p_aa")),
            ("groupAssignmentTarget/bb", Value::unknown()),
            ("groupAssignmentTarget/cc", Value::unknown()),
        ]);
        assert_eq!(assignment_ids(&planned, Some(&prior())), expected);
    }

    #[test]
    fn the_map_is_unknown_if_a_key_is_not_known() {
        let planned = Value::set([group(Value::string("aa")), group(Value::unknown())]);
        assert_eq!(assignment_ids(&planned, Some(&prior())), Value::unknown());
        assert_eq!(assignment_ids(&Value::unknown(), Some(&prior())), Value::unknown());
    }
}
