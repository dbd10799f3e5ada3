//! Offline rules about combinations of values in a configuration. The rules skip unknown values.

use std::collections::{HashMap, HashSet};

use crate::terraform::attribute_path::AttributePath;
use crate::terraform::diagnostic::{Diagnostic, Diagnostics};
use crate::terraform::element_errors::ElementErrors;
use crate::terraform::value::Value;

use super::kind::{IneffectiveTarget, PolicyKind};
use super::names::{ALL_DEVICES, ASSIGNMENTS, EXCLUSION_GROUP, FILTER_ID, GROUP, GROUP_ID};
use super::target_rules::Element;

/// Checks each element of `assignments`, and compares the elements with each other.
pub(super) fn check(kind: &PolicyKind, config: &Value) -> Diagnostics {
    let Some(set) = config.attribute(ASSIGNMENTS).and_then(Value::as_set) else { return Diagnostics::new() };
    let elements: Vec<Element<'_>> =
        set.iter().filter_map(|element| Element::new(ASSIGNMENTS, element)).collect();
    let mut errors = ElementErrors::default();
    for element in &elements {
        element.check(&mut errors);
    }
    check_duplicates(&elements, &mut errors);
    check_contradictions(&elements, &mut errors);
    let mut diagnostics = errors.into_diagnostics();
    if set.iter().all(Value::is_wholly_known) {
        warn_about_sets_with_little_effect(&elements, &mut diagnostics);
    }
    warn_about_ineffective_targets(kind, &elements, &mut diagnostics);
    diagnostics
}

/// Reports targets that are listed twice. A set has no identical elements, so two elements with the same target differ
/// in case or in the filter.
fn check_duplicates(elements: &[Element<'_>], errors: &mut ElementErrors) {
    let mut seen: HashMap<_, &Element<'_>> = HashMap::new();
    for element in elements {
        let Some(target) = element.target_key() else { continue };
        let Some(first) = seen.insert(target, element) else { continue };
        let hint = format!("{} has the same target.", first.description());
        let rule = "Intune keeps one assignment and one filter for each target, so only one of the elements would \
                    take effect. Remove the other.";
        element.report("The same target is listed twice", Some(hint), rule, errors);
    }
}

/// Reports groups that are both included and excluded.
fn check_contradictions(elements: &[Element<'_>], errors: &mut ElementErrors) {
    let of_type =
        |target_type| elements.iter().filter(move |element| element.target_type == Some(target_type));
    let included: HashSet<_> =
        of_type(GROUP).filter_map(|element| element.get_lower_case(GROUP_ID)).collect();
    for excluded in of_type(EXCLUSION_GROUP) {
        if excluded.get_lower_case(GROUP_ID).is_some_and(|group_id| included.contains(&group_id)) {
            let rule = "Another element includes the same group. Intune keeps one assignment for each group. Remove one \
                        of the two elements.";
            excluded.report("A group is both included and excluded", None, rule, errors);
        }
    }
}

/// Warns about sets that reach no device, or that contain elements without an effect.
fn warn_about_sets_with_little_effect(elements: &[Element<'_>], diagnostics: &mut Diagnostics) {
    let count =
        |target_type| elements.iter().filter(|element| element.target_type == Some(target_type)).count();
    let mut warn = |summary: &str, detail: &str| {
        diagnostics.push(Diagnostic::warning(summary, detail).at(AttributePath::root(ASSIGNMENTS)));
    };
    if count(EXCLUSION_GROUP) > 0 && count(EXCLUSION_GROUP) == elements.len() {
        warn(
            "The set has exclusions only",
            "Exclusions remove groups from the devices and users that other assignments include. Without an inclusion \
             here, or in a policy set, the policy reaches no device.",
        );
    }
    let includes_all_devices = elements
        .iter()
        .any(|element| element.target_type == Some(ALL_DEVICES) && element.get(FILTER_ID).is_null());
    if includes_all_devices && count(GROUP) > 0 {
        warn(
            "Group inclusions add nothing to all devices",
            "The set contains allDevicesAssignmentTarget without a filter, and groups as well. The devices of the \
             groups already get the policy, and a filter on a group does not exclude any of them.",
        );
    }
}

/// Warns about target types that Graph accepts for this kind of policy, although they have no effect.
fn warn_about_ineffective_targets(
    kind: &PolicyKind,
    elements: &[Element<'_>],
    diagnostics: &mut Diagnostics,
) {
    for IneffectiveTarget { target_type, summary, detail } in kind.ineffective_targets {
        if elements.iter().any(|element| element.target_type == Some(target_type)) {
            diagnostics.push(Diagnostic::warning(*summary, *detail).at(AttributePath::root(ASSIGNMENTS)));
        }
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use std::collections::BTreeMap;

    use super::*;
    use crate::resources::assignments::kind::EXAMPLE;
    use crate::resources::assignments::names::{COLLECTION, COLLECTION_ID, FILTER_TYPE, TYPE};
    use crate::resources::assignments::schema;

    const GROUP_1: &str = "a1b2c3d4-0000-0000-0000-000000000001";
    const FILTER_1: &str = "a1b2c3d4-0000-0000-0000-00000000000f";

    fn element(values: &[(&'static str, Value)]) -> Value {
        let mut all: BTreeMap<String, Value> =
            schema::assignment().iter().map(|attribute| (attribute.name.to_owned(), Value::Null)).collect();
        all.extend(values.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        Value::Object(all)
    }

    fn group(target_type: &str, group_id: &str) -> Value {
        element(&[(TYPE, Value::string(target_type)), (GROUP_ID, Value::string(group_id))])
    }

    fn check_prints(elements: Vec<Value>, expected: &Expect) {
        let config = Value::object([(ASSIGNMENTS, Value::set(elements))]);
        let printed: Vec<String> = check(&EXAMPLE, &config)
            .iter()
            .map(|d| {
                format!("{:?} at {}: {}\n{}\n", d.severity, d.path.as_ref().unwrap(), d.summary, d.detail)
            })
            .collect();
        expected.assert_eq(&printed.join("\n"));
    }

    #[test]
    fn a_valid_set_has_no_errors() {
        let filtered = element(&[
            (TYPE, Value::string(ALL_DEVICES)),
            (FILTER_ID, Value::string(FILTER_1)),
            (FILTER_TYPE, Value::string("include")),
        ]);
        let collection =
            element(&[(TYPE, Value::string(COLLECTION)), (COLLECTION_ID, Value::string("SMS00001"))]);
        check_prints(
            vec![filtered, collection, group(EXCLUSION_GROUP, GROUP_1)],
            &expect![[r#"
            Warning at assignments: A collection has no effect
            Use a group.
        "#]],
        );
    }

    #[test]
    fn each_target_type_has_only_its_own_id() {
        check_prints(
            vec![
                element(&[(TYPE, Value::string(GROUP))]),
                group(ALL_DEVICES, GROUP_1),
                group(COLLECTION, GROUP_1),
            ],
            &expect![[r#"
                Error at assignments: group_id is not allowed for this type of target
                In 2 elements of assignments:
                - { type = "allDevicesAssignmentTarget", group_id = "a1b2c3d4-0000-0000-0000-000000000001" }
                - { type = "configurationManagerCollectionAssignmentTarget", group_id = "a1b2c3d4-0000-0000-0000-000000000001" }
                Only targets of type groupAssignmentTarget and exclusionGroupAssignmentTarget have group_id. Leave it out, or change type.

                Error at assignments: collection_id is missing
                In the element { type = "configurationManagerCollectionAssignmentTarget", group_id = "a1b2c3d4-0000-0000-0000-000000000001" } of assignments:
                Targets of type configurationManagerCollectionAssignmentTarget need collection_id.

                Error at assignments: group_id is missing
                In the element { type = "groupAssignmentTarget" } of assignments:
                Targets of type groupAssignmentTarget and exclusionGroupAssignmentTarget need group_id.

                Warning at assignments: Group inclusions add nothing to all devices
                The set contains allDevicesAssignmentTarget without a filter, and groups as well. The devices of the groups already get the policy, and a filter on a group does not exclude any of them.

                Warning at assignments: A collection has no effect
                Use a group.
            "#]],
        );
    }

    #[test]
    fn a_filter_needs_both_attributes_and_is_refused_on_exclusions() {
        let filter_id_only =
            element(&[(TYPE, Value::string(ALL_DEVICES)), (FILTER_ID, Value::string(FILTER_1))]);
        let excluded = element(&[
            (TYPE, Value::string(EXCLUSION_GROUP)),
            (GROUP_ID, Value::string(GROUP_1)),
            (FILTER_ID, Value::string(FILTER_1)),
            (FILTER_TYPE, Value::string("exclude")),
        ]);
        check_prints(
            vec![filter_id_only, excluded],
            &expect![[r#"
                Error at assignments: Exclusions cannot have a filter
                In the element { type = "exclusionGroupAssignmentTarget", group_id = "a1b2c3d4-0000-0000-0000-000000000001", filter_id = "a1b2c3d4-0000-0000-0000-00000000000f", filter_type = "exclude" } of assignments:
                An exclusion always applies to the whole group, so Intune offers no filter for it. Leave filter_id and filter_type out.

                Error at assignments: filter_type is missing
                In the element { type = "allDevicesAssignmentTarget", filter_id = "a1b2c3d4-0000-0000-0000-00000000000f" } of assignments:
                filter_id is set and filter_type is not. For a filter, set filter_type to include or exclude. For no filter, leave both filter_id and filter_type out.
            "#]],
        );
    }

    #[test]
    fn a_target_may_appear_only_once() {
        check_prints(
            vec![
                group(GROUP, GROUP_1),
                group(GROUP, &GROUP_1.to_uppercase()),
                group(EXCLUSION_GROUP, GROUP_1),
            ],
            &expect![[r#"
                Error at assignments: The same target is listed twice
                In the element { type = "groupAssignmentTarget", group_id = "a1b2c3d4-0000-0000-0000-000000000001" } of assignments:
                { type = "groupAssignmentTarget", group_id = "A1B2C3D4-0000-0000-0000-000000000001" } has the same target. Intune keeps one assignment and one filter for each target, so only one of the elements would take effect. Remove the other.

                Error at assignments: A group is both included and excluded
                In the element { type = "exclusionGroupAssignmentTarget", group_id = "a1b2c3d4-0000-0000-0000-000000000001" } of assignments:
                Another element includes the same group. Intune keeps one assignment for each group. Remove one of the two elements.
            "#]],
        );
    }

    #[test]
    fn sets_with_little_effect_cause_warnings() {
        check_prints(
            vec![group(EXCLUSION_GROUP, GROUP_1)],
            &expect![[r#"
                Warning at assignments: The set has exclusions only
                Exclusions remove groups from the devices and users that other assignments include. Without an inclusion here, or in a policy set, the policy reaches no device.
            "#]],
        );
        check_prints(
            vec![group(GROUP, GROUP_1), element(&[(TYPE, Value::string(ALL_DEVICES))])],
            &expect![[r#"
                Warning at assignments: Group inclusions add nothing to all devices
                The set contains allDevicesAssignmentTarget without a filter, and groups as well. The devices of the groups already get the policy, and a filter on a group does not exclude any of them.
            "#]],
        );
    }

    #[test]
    fn unknown_values_are_skipped() {
        let unknown = element(&[
            (TYPE, Value::unknown()),
            (GROUP_ID, Value::unknown()),
            (FILTER_ID, Value::unknown()),
            (FILTER_TYPE, Value::string("include")),
        ]);
        let group_unknown = element(&[(TYPE, Value::string(EXCLUSION_GROUP)), (GROUP_ID, Value::unknown())]);
        check_prints(vec![unknown, group_unknown], &expect![[""]]);
        assert!(check(&EXAMPLE, &Value::object([(ASSIGNMENTS, Value::unknown())])).is_empty());
    }
}
