//! `with_filter`: adds a filter to targets.

use crate::resources::assignments::{Assignment, EXCLUSION_GROUP, Filter, validators};
use crate::terraform::diagnostic::{list, quote};
use crate::terraform::function::{Function, FunctionError, Signature};
use crate::terraform::validators::{Validator, Violation};
use crate::terraform::value::Value;

use super::problems::Problems;
use super::target_lists::{self, to_set};
use super::{contradictions, parameters};

const NAME: &str = "targets";
const NO_FILTER: &str = "To have no filter, use the targets without with_filter.";

/// The function `with_filter`.
pub struct WithFilter;

impl Function for WithFilter {
    fn signature(&self) -> Signature {
        Signature {
            name: "with_filter",
            parameters: vec![
                parameters::targets(
                    NAME,
                    "A list or set of targets in the shape of the attribute `assignments`.",
                ),
                parameters::text("filter_id", "Id (GUID) of an assignment filter for `windows10AndLater`."),
                parameters::text(
                    "filter_type",
                    "`include`: only devices that match the filter get the policy. `exclude`: only devices that do \
                     not.",
                ),
            ],
            variadic_parameter: None,
            returns: parameters::target_set(),
            summary: "Adds an assignment filter to every target that can have a filter.",
            description: "Returns the targets with this filter, for the attribute `assignments`. An \
                          `exclusionGroupAssignmentTarget` stays unchanged, because Intune does not support filters \
                          on exclusions. A target that already has a different filter is an error. A target that \
                          already has the same filter is accepted. Contradictions between the targets, such as a \
                          group that is both included and excluded, are an error, as in \
                          [`combine`](combine.md).",
        }
    }

    fn call(&self, arguments: &[Value]) -> Result<Value, FunctionError> {
        let [list, filter_id, filter_type] = arguments else {
            return Err(FunctionError::new("with_filter takes three arguments."));
        };
        let mut problems = Problems::default();
        let (targets, findings) = target_lists::read(NAME, 0, list);
        problems.extend(0, &findings);
        let mut targets = contradictions::merge(targets, |_| NAME.to_owned(), &mut problems);
        match read_filter(filter_id, filter_type) {
            Ok(filter) => add_filter(&mut targets, &filter, &mut problems),
            Err(violations) => {
                for (argument, text) in violations {
                    problems.push(argument, text);
                }
            }
        }
        problems.into_result(to_set(&targets))
    }
}

/// Reads the filter from the arguments.
///
/// # Errors
/// The violated rules, each with the position of its argument.
fn read_filter(filter_id: &Value, filter_type: &Value) -> Result<Filter, Vec<(usize, String)>> {
    let mut violations = check(1, "filter_id", filter_id, &validators::filter_id(NO_FILTER));
    violations.extend(check(2, "filter_type", filter_type, &validators::filter_type(NO_FILTER)));
    match (filter_id.as_str(), filter_type.as_str()) {
        (Some(id), Some(filter_type)) if violations.is_empty() => {
            Ok(Filter { filter_id: id.to_owned(), filter_type: filter_type.to_owned() })
        }
        _ => Err(violations),
    }
}

fn check(argument: usize, name: &str, value: &Value, rules: &[Box<dyn Validator>]) -> Vec<(usize, String)> {
    let quoted_value = value.as_str().map(quote).unwrap_or_default();
    let violations = rules.iter().filter_map(|rule| rule.check(value));
    let text = |Violation { problem, hint, rule }: Violation| {
        let hint = hint.map(|hint| format!("{hint} ")).unwrap_or_default();
        format!("{name} {problem}. The value is {quoted_value}. {hint}{rule}")
    };
    violations.map(|violation| (argument, text(violation))).collect()
}

fn add_filter(targets: &mut [Assignment], filter: &Filter, problems: &mut Problems) {
    let mut others = Vec::new();
    for target in targets.iter_mut().filter(|target| target.target_type != EXCLUSION_GROUP) {
        match &target.filter {
            None => target.filter = Some(filter.clone()),
            Some(existing) if is_same_filter(existing, filter) => {}
            Some(_) => others.push(target.to_string()),
        }
    }
    if !others.is_empty() {
        let Filter { filter_id, filter_type } = filter;
        let text = format!(
            "A target already has a filter other than {filter_type} {filter_id}:\n{}with_filter does not replace \
             filters. Remove the filter from the target, or the target from this call.",
            list(others)
        );
        problems.push(0, text);
    }
}

fn is_same_filter(one: &Filter, other: &Filter) -> bool {
    one.filter_type == other.filter_type && one.filter_id.eq_ignore_ascii_case(&other.filter_id)
}
