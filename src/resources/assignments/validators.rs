//! Validators for individual attributes of a target. The schema and the provider functions use them.

use crate::graph::GroupId;
use crate::terraform::validators::{Guid, OneOf, Validator, Violation, is_guid};
use crate::terraform::value::Value;

use super::names::{ALL_DEVICES, ALL_LICENSED_USERS};

/// Advice for users who write Graph's values for "no filter".
pub(super) const NO_FILTER_HINT: &str = "For no filter, leave both filter_id and filter_type out.";

const ZERO_GUID: &str = "00000000-0000-0000-0000-000000000000";

/// The ids of Intune's built-in groups for all devices and all users. Microsoft does not document these ids; they were
/// observed.
const BUILT_IN_GROUPS: [(&str, &str); 2] = [
    ("adadadad-808e-44e2-905a-0b7873a8a531", ALL_DEVICES),
    ("acacacac-9df4-4c7d-9d50-4ef0226f57a9", ALL_LICENSED_USERS),
];

const FILTER_ID_SOURCE: &str = "The Intune admin center has it in the address of the filter's page (Tenant \
     administration, Filters), after \"assignmentFilterId/\". In Graph, GET \
     /beta/deviceManagement/assignmentFilters?$select=id,displayName lists ids and names.";

/// Requires the id of a group. `source` explains in full sentences where a user finds the id.
pub fn group_id(source: &'static str) -> Vec<Box<dyn Validator>> {
    vec![
        Box::new(Guid { source }),
        Box::new(NotZeroGuid("Set the id of a group.")),
        Box::new(NotBuiltInGroup),
    ]
}

/// Requires the id of a filter. `no_filter` is the advice for targets without a filter.
pub fn filter_id(no_filter: &'static str) -> Vec<Box<dyn Validator>> {
    vec![Box::new(Guid { source: FILTER_ID_SOURCE }), Box::new(NotZeroGuid(no_filter))]
}

/// Requires the type of a filter. `no_filter` is the advice for targets without a filter.
pub fn filter_type(no_filter: &'static str) -> Vec<Box<dyn Validator>> {
    vec![Box::new(FilterType(no_filter))]
}

/// Requires `include` or `exclude`. The field is advice for targets without a filter.
#[derive(Debug)]
struct FilterType(&'static str);

impl Validator for FilterType {
    fn check(&self, value: &Value) -> Option<Violation> {
        let mut violation = OneOf(&["include", "exclude"]).check(value)?;
        violation.rule = format!("{} {}", violation.rule, self.0);
        Some(violation)
    }
}

/// Refuses the all-zero GUID, which Graph returns where there is no object. The field is advice on what to write
/// instead.
#[derive(Debug)]
pub struct NotZeroGuid(pub &'static str);

impl Validator for NotZeroGuid {
    fn check(&self, value: &Value) -> Option<Violation> {
        (value.as_str()? == ZERO_GUID).then(|| Violation {
            problem: "is the all-zero GUID".to_owned(),
            hint: None,
            rule: format!("Graph returns this GUID where there is no object. {}", self.0),
        })
    }
}

/// Refuses the ids of Intune's built-in groups for all devices and all users.
#[derive(Debug)]
struct NotBuiltInGroup;

impl Validator for NotBuiltInGroup {
    fn check(&self, value: &Value) -> Option<Violation> {
        let text = value.as_str()?;
        let (_, target_type) = BUILT_IN_GROUPS.iter().find(|(id, _)| GroupId::is_same(id, text))?;
        Some(Violation {
            problem: "is not the id of a group".to_owned(),
            hint: Some(format!("Use the type {target_type}.")),
            rule: "Intune uses this id internally for all devices or all users. Use the target type for all devices \
                   or all users, without group_id."
                .to_owned(),
        })
    }
}

/// Refuses GUIDs as ids of collections. Users often write the id of a group by mistake.
#[derive(Debug)]
pub(super) struct NotGuid;

impl Validator for NotGuid {
    fn check(&self, value: &Value) -> Option<Violation> {
        value.as_str().filter(|text| is_guid(text))?;
        Some(Violation {
            problem: "is not the id of a collection".to_owned(),
            hint: None,
            rule: "Collections of Configuration Manager have ids such as \"SMS00001\". GUIDs are ids of groups: for \
                   a group, use groupAssignmentTarget and group_id."
                .to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GROUP_ID: &str = "a1b2c3d4-0000-0000-0000-000000000001";

    #[test]
    fn graphs_values_for_no_filter_are_refused_with_advice() {
        let none = FilterType(NO_FILTER_HINT).check(&Value::string("none")).unwrap();
        assert!(none.rule.ends_with(NO_FILTER_HINT));
        assert!(
            NotZeroGuid(NO_FILTER_HINT)
                .check(&Value::string(ZERO_GUID))
                .unwrap()
                .rule
                .ends_with(NO_FILTER_HINT)
        );
        assert_eq!(NotZeroGuid(NO_FILTER_HINT).check(&Value::string(GROUP_ID)), None);
    }

    #[test]
    fn ids_of_built_in_groups_and_group_ids_as_collection_ids_are_refused_with_advice() {
        for (id, target_type) in BUILT_IN_GROUPS {
            let violation = NotBuiltInGroup.check(&Value::string(id.to_uppercase())).unwrap();
            assert!(violation.hint.as_ref().is_some_and(|hint| hint.contains(target_type)), "{violation:?}");
        }
        assert_eq!(NotBuiltInGroup.check(&Value::string(GROUP_ID)), None);
        assert!(NotGuid.check(&Value::string(GROUP_ID)).unwrap().rule.contains("groupAssignmentTarget"));
        assert_eq!(NotGuid.check(&Value::string("SMS00001")), None);
    }
}
