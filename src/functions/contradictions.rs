//! Merges targets, and finds those that contradict each other: one target with different filters, and a group that is
//! both included and excluded.

use std::collections::HashMap;

use crate::resources::assignments::Assignment;
use crate::terraform::diagnostic::{list, series};

use super::problems::Problems;
use super::target_lists::ArgumentTarget;

/// One form in which a target is listed, and the arguments that list it.
struct Variant {
    /// The target as written. If its ids are spelled in several ways, they are in lower case.
    target: Assignment,
    /// The target in canonical form, for comparison.
    canonical: Assignment,
    /// The positions of the arguments that contain the target, in order.
    arguments: Vec<usize>,
}

/// The variants of one target, in order of appearance. Intune keeps only one of them, so several variants are a
/// contradiction.
type Variants = Vec<Variant>;

/// Merges equal targets and keeps the order of appearance. If ids are spelled in several ways, the result has them in
/// lower case, because it must not depend on the order. `argument_name` returns the name of an argument for messages.
pub(super) fn merge(
    targets: Vec<ArgumentTarget>,
    argument_name: impl Fn(usize) -> String,
    problems: &mut Problems,
) -> Vec<Assignment> {
    let merged = group_by_identity(targets);
    let (included_and_excluded, different_filters): (Vec<&Variants>, Vec<&Variants>) =
        merged.iter().filter(|variants| variants.len() > 1).partition(|variants| has_two_types(variants));
    let mut report = |contradictions: &[&Variants], summary: &str, rule: &str| {
        let arguments = contradictions.iter().filter_map(|variants| contradicting_argument(variants));
        if let Some(argument) = arguments.min() {
            let items = contradictions.iter().map(|variants| describe(variants, &argument_name));
            problems.push(argument, format!("{summary}:\n{}{rule}", list(items)));
        }
    };
    report(
        &included_and_excluded,
        "A group is both included and excluded",
        "Intune keeps one assignment for each group. Keep only one of them.",
    );
    report(
        &different_filters,
        "A target is listed with and without a filter, or with different filters",
        "Intune keeps one assignment and one filter for each target. Write the same filter everywhere.",
    );
    merged.into_iter().filter_map(|variants| variants.into_iter().next()).map(|first| first.target).collect()
}

fn group_by_identity(targets: Vec<ArgumentTarget>) -> Vec<Variants> {
    let mut positions: HashMap<String, usize> = HashMap::new();
    let mut all: Vec<Variants> = Vec::new();
    for ArgumentTarget { argument, target } in targets {
        let canonical = target.canonical();
        let position = *positions.entry(identity(&canonical)).or_insert(all.len());
        let variant = Variant { target, canonical, arguments: vec![argument] };
        match all.get_mut(position) {
            Some(variants) => add(variants, variant),
            None => all.push(vec![variant]),
        }
    }
    all
}

/// The key under which Intune keeps one assignment. An inclusion and an exclusion of a group have the same key.
fn identity(canonical: &Assignment) -> String {
    canonical.group_id.clone().unwrap_or_else(|| canonical.key())
}

fn add(variants: &mut Variants, variant: Variant) {
    match variants.iter_mut().find(|existing| existing.canonical == variant.canonical) {
        None => variants.push(variant),
        Some(existing) => {
            if existing.target != variant.target {
                existing.target.clone_from(&existing.canonical);
            }
            if existing.arguments.last() != variant.arguments.last() {
                existing.arguments.extend(variant.arguments);
            }
        }
    }
}

fn has_two_types(variants: &Variants) -> bool {
    let mut types = variants.iter().map(|variant| &variant.target.target_type);
    let first = types.next();
    types.any(|target_type| Some(target_type) != first)
}

/// The argument of the first variant that contradicts an earlier variant.
fn contradicting_argument(variants: &Variants) -> Option<usize> {
    variants.get(1)?.arguments.first().copied()
}

fn describe(variants: &Variants, argument_name: impl Fn(usize) -> String) -> String {
    let describe_variant = |variant: &Variant| {
        let names = series(variant.arguments.iter().map(|argument| argument_name(*argument)), ", ");
        format!("{names}: {}", variant.target)
    };
    series(variants.iter().map(describe_variant), "; ")
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;
    use crate::resources::assignments::{EXCLUSION_GROUP, Filter, GROUP};
    use crate::terraform::function::FunctionError;

    const A: &str = "a1b2c3d4-0000-0000-0000-00000000000a";
    const B: &str = "a1b2c3d4-0000-0000-0000-00000000000b";
    const FILTER: &str = "f0000000-0000-0000-0000-000000000001";

    fn target(target_type: &str, group_id: &str, filter_type: Option<&str>) -> Assignment {
        Assignment {
            target_type: target_type.to_owned(),
            group_id: Some(group_id.to_owned()),
            collection_id: None,
            filter: filter_type.map(|filter_type| Filter {
                filter_id: FILTER.to_owned(),
                filter_type: filter_type.to_owned(),
            }),
        }
    }

    fn merged(targets: &[(usize, Assignment)]) -> Result<Vec<Assignment>, FunctionError> {
        let targets = targets
            .iter()
            .map(|(argument, target)| ArgumentTarget { argument: *argument, target: target.clone() });
        let mut problems = Problems::default();
        let merged = merge(targets.collect(), |argument| format!("list {argument}"), &mut problems);
        problems.into_result(merged)
    }

    fn check_refused(targets: &[(usize, Assignment)], argument: usize, expected: &Expect) {
        let error = merged(targets).unwrap_err();
        assert_eq!(error.argument, Some(argument));
        expected.assert_eq(&error.text);
    }

    #[test]
    fn equal_targets_merge_and_their_only_spelling_is_kept() {
        let upper = target(GROUP, &A.to_uppercase(), Some("include"));
        let lower = target(GROUP, A, Some("include"));
        assert_eq!(merged(&[(0, upper.clone()), (1, upper.clone())]), Ok(vec![upper.clone()]));
        for order in [[&upper, &lower, &upper], [&lower, &upper, &upper], [&upper, &upper, &lower]] {
            let targets = [0, 0, 1].into_iter().zip(order.map(Assignment::clone)).collect::<Vec<_>>();
            assert_eq!(merged(&targets), Ok(vec![lower.clone()]));
        }
    }

    #[test]
    fn filters_that_differ_are_named_with_all_their_arguments() {
        let none = target(GROUP, A, None);
        let targets = [
            (0, none.clone()),
            (1, target(GROUP, &A.to_uppercase(), Some("include"))),
            (1, target(GROUP, B, None)),
            (2, none),
            (3, target(GROUP, A, Some("exclude"))),
        ];
        check_refused(
            &targets,
            1,
            &expect![[r#"
                A target is listed with and without a filter, or with different filters:
                - list 0, list 2: groupAssignmentTarget a1b2c3d4-0000-0000-0000-00000000000a; list 1: groupAssignmentTarget A1B2C3D4-0000-0000-0000-00000000000A, filter include f0000000-0000-0000-0000-000000000001; list 3: groupAssignmentTarget a1b2c3d4-0000-0000-0000-00000000000a, filter exclude f0000000-0000-0000-0000-000000000001
                Intune keeps one assignment and one filter for each target. Write the same filter everywhere."#]],
        );
    }

    #[test]
    fn groups_that_are_included_and_excluded_are_named() {
        let targets = [
            (0, target(GROUP, A, None)),
            (0, target(EXCLUSION_GROUP, B, None)),
            (1, target(EXCLUSION_GROUP, &A.to_uppercase(), None)),
            (2, target(GROUP, B, Some("include"))),
        ];
        check_refused(
            &targets,
            1,
            &expect![[r#"
                A group is both included and excluded:
                - list 0: groupAssignmentTarget a1b2c3d4-0000-0000-0000-00000000000a; list 1: exclusionGroupAssignmentTarget A1B2C3D4-0000-0000-0000-00000000000A
                - list 0: exclusionGroupAssignmentTarget a1b2c3d4-0000-0000-0000-00000000000b; list 2: groupAssignmentTarget a1b2c3d4-0000-0000-0000-00000000000b, filter include f0000000-0000-0000-0000-000000000001
                Intune keeps one assignment for each group. Keep only one of them."#]],
        );
    }
}
