//! The problems of one call, and the one error that lists them.

use crate::terraform::diagnostic::{Diagnostic, Diagnostics, paragraphs};
use crate::terraform::function::FunctionError;

/// Everything that is wrong with the arguments of one call.
#[derive(Debug, Default)]
pub(super) struct Problems(Vec<Problem>);

#[derive(Debug)]
struct Problem {
    argument: usize,
    text: String,
}

impl Problems {
    /// Adds a problem. `argument` is counted from 0.
    pub(super) fn push(&mut self, argument: usize, text: String) {
        self.0.push(Problem { argument, text });
    }

    /// Adds findings about an argument.
    pub(super) fn extend(&mut self, argument: usize, findings: &Diagnostics) {
        for finding in findings {
            self.push(argument, to_paragraph(finding));
        }
    }

    /// Returns `result` if there are no problems.
    ///
    /// # Errors
    /// The error lists all problems and points at the first argument that has a problem.
    pub(super) fn into_result<T>(mut self, result: T) -> Result<T, FunctionError> {
        self.0.sort_by_key(|problem| problem.argument);
        let Some(first) = self.0.first() else { return Ok(result) };
        let heading = match self.0.len() {
            1 => String::new(),
            count => format!("{count} problems.\n\n"),
        };
        let argument = first.argument;
        let texts = paragraphs(self.0.into_iter().map(|problem| problem.text));
        Err(FunctionError::at(argument, format!("{heading}{texts}")))
    }
}

/// Converts a finding to a paragraph.
pub(super) fn to_paragraph(finding: &Diagnostic) -> String {
    format!("{}. {}", finding.summary, finding.detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(problems: Problems) -> FunctionError {
        problems.into_result(()).unwrap_err()
    }

    #[test]
    fn one_problem_is_the_whole_text() {
        let mut problems = Problems::default();
        problems.push(3, "It is wrong.".to_owned());
        assert_eq!(error(problems), FunctionError::at(3, "It is wrong."));
        assert_eq!(Problems::default().into_result(7), Ok(7));
    }

    #[test]
    fn problems_are_listed_by_argument_and_counted_from_the_eleventh_on() {
        let mut problems = Problems::default();
        for argument in (0..12).rev() {
            problems.push(argument, format!("Argument {argument} is wrong."));
        }
        let FunctionError { text, argument } = error(problems);
        assert_eq!(argument, Some(0));
        assert!(text.starts_with("12 problems.\n\nArgument 0 is wrong.\n\nArgument 1"), "{text}");
        assert!(text.ends_with("Argument 9 is wrong.\n\nand 2 more"), "{text}");
    }
}
