//! `targets`: builds targets from the ids of included and excluded groups.

use crate::resources::assignments::{Assignment, EXCLUSION_GROUP, GROUP, validators};
use crate::terraform::attribute_path::AttributePath;
use crate::terraform::diagnostic::quote;
use crate::terraform::element_errors::{ElementErrors, InvalidElement};
use crate::terraform::function::{Function, FunctionError, Signature};
use crate::terraform::validators::Violation;
use crate::terraform::value::Value;

use super::problems::Problems;
use super::target_lists::{ArgumentTarget, elements, to_set};
use super::{contradictions, parameters};

/// The parameters, in order, each with the target type of its groups.
const LISTS: [(&str, &str); 2] = [("include", GROUP), ("exclude", EXCLUSION_GROUP)];

const GROUP_ID_SOURCE: &str = "The Microsoft Entra admin center shows it as \"Object ID\" on the group's Overview \
                               page. To find a group by its name, use the data source defender_group, or \
                               azuread_group of the azuread provider.";

/// The function `targets`.
pub struct Targets;

impl Function for Targets {
    fn signature(&self) -> Signature {
        Signature {
            name: "targets",
            parameters: vec![
                parameters::ids("include", "Object ids (GUIDs) of the Entra groups that get the policy."),
                parameters::ids(
                    "exclude",
                    "Object ids (GUIDs) of the Entra groups that do not get the policy.",
                ),
            ],
            variadic_parameter: None,
            returns: parameters::target_set(),
            summary: "Builds targets from the ids of included and excluded groups.",
            description: "Returns a set of targets for the attribute `assignments`: a `groupAssignmentTarget` for \
                          each id in `include` and an `exclusionGroupAssignmentTarget` for each id in `exclude`, \
                          without filters. Either list may be empty. Repeated ids become one target. Upper and lower \
                          case make no difference; if an id is spelled in several ways, the result has it in lower \
                          case.\n\nA group in both lists is an error. So is a value that the resources refuse as a \
                          `group_id`: a name, the all-zero GUID, or the ids that Intune uses internally for all \
                          devices and all users.",
        }
    }

    fn call(&self, arguments: &[Value]) -> Result<Value, FunctionError> {
        let mut problems = Problems::default();
        let mut targets = Vec::new();
        for ((argument, list), (name, target_type)) in arguments.iter().enumerate().zip(LISTS) {
            check(argument, name, list, &mut problems);
            let group_ids = elements(list).iter().filter_map(Value::as_str);
            targets.extend(
                group_ids.map(|group_id| ArgumentTarget { argument, target: target(target_type, group_id) }),
            );
        }
        let argument_name = |argument| LISTS.get(argument).map_or("", |(name, _)| *name).to_owned();
        let merged = contradictions::merge(targets, argument_name, &mut problems);
        problems.into_result(to_set(&merged))
    }
}

fn target(target_type: &str, group_id: &str) -> Assignment {
    Assignment {
        target_type: target_type.to_owned(),
        group_id: Some(group_id.to_owned()),
        collection_id: None,
        filter: None,
    }
}

/// Checks the ids of a list by the rules for `group_id`.
fn check(argument: usize, name: &str, list: &Value, problems: &mut Problems) {
    let rules = validators::group_id(GROUP_ID_SOURCE);
    let path = AttributePath::root(name);
    let mut errors = ElementErrors::default();
    if elements(list).iter().any(Value::is_null) {
        problems.push(argument, format!("{name} has a null element. Remove the element instead."));
    }
    for id in elements(list) {
        for Violation { problem, hint, rule } in rules.iter().filter_map(|rule| rule.check(id)) {
            let description = id.as_str().map(quote).unwrap_or_default();
            let element = InvalidElement { description, value: None, hint };
            errors.push(&path, &format!("An element {problem}"), &rule, element);
        }
    }
    problems.extend(argument, &errors.into_diagnostics());
}
