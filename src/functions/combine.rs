//! `combine`: combines several lists of targets into one set.

use crate::terraform::function::{Function, FunctionError, Signature};
use crate::terraform::value::Value;

use super::problems::{Problems, to_paragraph};
use super::target_lists::{self, to_set};
use super::{contradictions, parameters};

const NAME: &str = "targets";

/// The function `combine`.
pub struct Combine;

impl Function for Combine {
    fn signature(&self) -> Signature {
        Signature {
            name: "combine",
            parameters: Vec::new(),
            variadic_parameter: Some(parameters::targets(
                NAME,
                "Any number of lists or sets of targets, each in the shape of the attribute `assignments`.",
            )),
            returns: parameters::target_set(),
            summary: "Combines lists of targets into one set and refuses contradictions.",
            description: "Returns the union of any number of lists of targets, for the attribute `assignments`. The \
                          order of the lists makes no difference. Equal targets become one. Upper and lower case of \
                          ids make no difference; if an id is spelled in several ways, the result has it in lower \
                          case.\n\nThe function fails if a target has different filters, if it appears both with and \
                          without a filter, or if a group is both included and excluded. The error names the target \
                          and the arguments.",
        }
    }

    fn call(&self, arguments: &[Value]) -> Result<Value, FunctionError> {
        let mut problems = Problems::default();
        let mut targets = Vec::new();
        for (argument, list) in arguments.iter().enumerate() {
            let (valid, findings) = target_lists::read(NAME, argument, list);
            targets.extend(valid);
            for finding in &findings {
                let text = format!("In {}: {}", argument_name(argument), to_paragraph(finding));
                problems.push(argument, text);
            }
        }
        let merged = contradictions::merge(targets, argument_name, &mut problems);
        problems.into_result(to_set(&merged))
    }
}

/// The name of an argument in messages, which count from one.
fn argument_name(argument: usize) -> String {
    format!("argument {}", argument + 1)
}
