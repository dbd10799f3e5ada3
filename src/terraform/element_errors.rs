//! Errors about elements of a set. The protocol has no path to such an element, so all of them are attached to the set;
//! elements with the same mistake share one diagnostic.

use super::attribute_path::AttributePath;
use super::diagnostic::{Diagnostic, Diagnostics, list, quote};

/// The errors about the elements of one or more sets, in the order in which they were found.
#[derive(Debug, Default)]
pub struct ElementErrors {
    mistakes: Vec<Mistake>,
}

/// One mistake, however many elements make it.
#[derive(Debug)]
struct Mistake {
    path: AttributePath,
    summary: String,
    rule: String,
    elements: Vec<InvalidElement>,
}

/// An element that violates a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidElement {
    /// As in [`super::validate::describe_element`].
    pub description: String,
    /// The invalid value, unless the rule is about the whole element.
    pub value: Option<String>,
    /// A sentence about this element alone.
    pub hint: Option<String>,
}

impl ElementErrors {
    /// Adds an element to the mistake with this path, summary and rule.
    pub fn push(&mut self, path: &AttributePath, summary: &str, rule: &str, element: InvalidElement) {
        let is_same = |mistake: &&mut Mistake| {
            mistake.path == *path && mistake.summary == summary && mistake.rule == rule
        };
        if let Some(mistake) = self.mistakes.iter_mut().find(is_same) {
            mistake.elements.push(element);
            return;
        }
        self.mistakes.push(Mistake {
            path: path.clone(),
            summary: summary.to_owned(),
            rule: rule.to_owned(),
            elements: vec![element],
        });
    }

    /// One error for each mistake.
    pub fn into_diagnostics(self) -> Diagnostics {
        self.mistakes.into_iter().map(Mistake::into_diagnostic).collect()
    }
}

impl Mistake {
    fn into_diagnostic(self) -> Diagnostic {
        let detail = match self.elements.as_slice() {
            [element] => self.detail_of_one(element),
            _ => self.detail_of_several(),
        };
        Diagnostic::error(self.summary, detail).at(self.path)
    }

    fn detail_of_one(&self, element: &InvalidElement) -> String {
        let value = element.value.as_ref().map(|value| format!("The value is {}.", quote(value)));
        let sentences: Vec<&str> =
            [value.as_deref(), element.hint.as_deref(), Some(&self.rule)].into_iter().flatten().collect();
        format!("In the element {} of {}:\n{}", element.description, self.path, sentences.join(" "))
    }

    fn detail_of_several(&self) -> String {
        let items = self.elements.iter().map(|element| match &element.hint {
            Some(hint) => format!("{} {hint}", element.description),
            None => element.description.clone(),
        });
        format!("In {} elements of {}:\n{}{}", self.elements.len(), self.path, list(items), self.rule)
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn element(number: usize) -> InvalidElement {
        InvalidElement {
            description: format!("{{ group_id = \"Team {number}\" }}"),
            value: Some(format!("Team {number}")),
            hint: (number == 2).then(|| "Did you mean \"team\"?".to_owned()),
        }
    }

    fn check_prints(count: usize, expected: &Expect) {
        let mut errors = ElementErrors::default();
        for number in 1..=count {
            errors.push(
                &AttributePath::root("targets"),
                "group_id is not a GUID",
                "Use a GUID.",
                element(number),
            );
        }
        let diagnostics: Vec<Diagnostic> = errors.into_diagnostics().into_iter().collect();
        let [diagnostic] = diagnostics.as_slice() else { panic!("one diagnostic: {diagnostics:#?}") };
        assert_eq!(diagnostic.path, Some(AttributePath::root("targets")));
        expected.assert_eq(&diagnostic.detail);
    }

    #[test]
    fn one_element_is_described_in_a_sentence() {
        check_prints(
            1,
            &expect![[r#"
            In the element { group_id = "Team 1" } of targets:
            The value is "Team 1". Use a GUID."#]],
        );
    }

    #[test]
    fn several_elements_share_one_diagnostic() {
        check_prints(
            3,
            &expect![[r#"
            In 3 elements of targets:
            - { group_id = "Team 1" }
            - { group_id = "Team 2" } Did you mean "team"?
            - { group_id = "Team 3" }
            Use a GUID."#]],
        );
        check_prints(
            10,
            &expect![[r#"
            In 10 elements of targets:
            - { group_id = "Team 1" }
            - { group_id = "Team 2" } Did you mean "team"?
            - { group_id = "Team 3" }
            - { group_id = "Team 4" }
            - { group_id = "Team 5" }
            - { group_id = "Team 6" }
            - { group_id = "Team 7" }
            - { group_id = "Team 8" }
            - { group_id = "Team 9" }
            - { group_id = "Team 10" }
            Use a GUID."#]],
        );
    }

    #[test]
    fn ten_of_many_elements_are_listed() {
        check_prints(
            20,
            &expect![[r#"
            In 20 elements of targets:
            - { group_id = "Team 1" }
            - { group_id = "Team 2" } Did you mean "team"?
            - { group_id = "Team 3" }
            - { group_id = "Team 4" }
            - { group_id = "Team 5" }
            - { group_id = "Team 6" }
            - { group_id = "Team 7" }
            - { group_id = "Team 8" }
            - { group_id = "Team 9" }
            - { group_id = "Team 10" }
            - and 10 more
            Use a GUID."#]],
        );
    }

    #[test]
    fn different_mistakes_keep_their_own_diagnostics() {
        let mut errors = ElementErrors::default();
        let path = AttributePath::root("targets");
        errors.push(&path, "group_id is not a GUID", "Use a GUID.", element(1));
        errors.push(&path, "group_id is missing", "Set it.", element(2));
        errors.push(&AttributePath::root("others"), "group_id is missing", "Set it.", element(2));
        errors.push(&path, "group_id is missing", "Set it.", element(3));
        assert_eq!(errors.into_diagnostics().iter().count(), 3);
    }
}
