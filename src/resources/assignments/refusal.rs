//! The messages for refused writes. They show the live and the planned assignments, and explain how to proceed.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::graph::GroupId;
use crate::resources::deadline::Deadline;
use crate::terraform::attribute_path::AttributePath;
use crate::terraform::diagnostic::{Diagnostic, Diagnostics};

use super::from_graph::UnknownTarget;
use super::guard::Refusal;
use super::kind::PolicyKind;
use super::model::Assignment;
use super::names::ASSIGNMENTS;
use super::policy::Policy;

/// How long a message waits for the display names of groups.
const GROUP_NAMES_TIMEOUT: Duration = Duration::from_secs(5);

/// Advice for a create that may belong to a replacement that the provider cannot detect.
const UNDETECTABLE_REPLACEMENT: &str = "The provider cannot always detect that a create belongs to a replacement. For \
     a tainted resource, run terraform untaint with its address, or plan with refresh. If the resource has \
     create_before_destroy, do one of these: remove that setting, plan without -replace, or run terraform untaint.";

/// Display names of groups.
pub(super) type GroupNames = BTreeMap<GroupId, String>;

/// Describes the refusal, with the display names of groups if they are available.
pub(super) async fn report(refusal: Refusal, policy: Policy<'_>) -> Diagnostics {
    let names = fetch_names_for_refusal(&refusal, policy).await;
    let diagnostic = describe(&refusal, &names, (policy.kind, policy.id), &policy.describe_writes());
    diagnostic.at(AttributePath::root(ASSIGNMENTS)).into()
}

/// Fetches the display names of the groups in these assignments. The permission is optional, so a message has no names
/// if the look-up fails or takes too long.
pub(super) async fn fetch_group_names(assignments: &BTreeSet<Assignment>, policy: Policy<'_>) -> GroupNames {
    let ids: BTreeSet<GroupId> = assignments
        .iter()
        .filter_map(|assignment| assignment.group_id.as_deref().map(GroupId::new))
        .collect();
    if !policy.looks_up_groups() {
        return GroupNames::new();
    }
    let ids: Vec<GroupId> = ids.into_iter().collect();
    let deadline = Deadline::after(GROUP_NAMES_TIMEOUT, policy.client.clock());
    let groups = deadline.within(Box::pin(policy.client.get_groups_by_ids(&ids))).await;
    let groups = groups.and_then(Result::ok).unwrap_or_default();
    groups.into_iter().filter_map(|group| Some((GroupId::new(&group.id), group.display_name?))).collect()
}

async fn fetch_names_for_refusal(refusal: &Refusal, policy: Policy<'_>) -> GroupNames {
    let sets: Vec<&BTreeSet<Assignment>> = match refusal {
        Refusal::AlreadyAssigned { live, .. } | Refusal::NothingToOverwrite { live } => vec![live],
        Refusal::ChangedSincePlan { seen, live, planned, .. } => vec![seen, live, planned],
        Refusal::UnknownTargetTypes { .. } => Vec::new(),
    };
    let assignments = sets.into_iter().flatten().cloned().collect();
    fetch_group_names(&assignments, policy).await
}

/// Describes the refusal. `written_so_far` is a sentence about what this run has written, from
/// [`Policy::describe_writes`].
fn describe(
    refusal: &Refusal,
    names: &GroupNames,
    (kind, id): (&PolicyKind, &str),
    written_so_far: &str,
) -> Diagnostic {
    match refusal {
        Refusal::AlreadyAssigned { live, missing } => {
            already_assigned(live, missing.as_ref(), names, (kind, id, written_so_far))
        }
        Refusal::NothingToOverwrite { live } => nothing_to_overwrite(live, names, (kind, id, written_so_far)),
        Refusal::ChangedSincePlan { seen, live, planned, may_have_been_written } => {
            let outcome = if *may_have_been_written {
                "The response to the first attempt was lost, so the planned assignments may have been in effect for a \
                 while. The provider sent nothing else."
            } else {
                written_so_far
            };
            Diagnostic::error(
                format!("Policy {id}: its assignments have changed since the plan"),
                format!(
                    "They were changed outside of this run, and a write replaces the whole set.\nThe plan saw:\n{}The \
                     policy now has:\n{}To be written:\n{}{outcome}\nNext: run terraform plan again, review the \
                     changes, and apply the new plan. If this plan was made with -refresh=false, plan again without \
                     it.",
                    list(seen, names),
                    list(live, names),
                    list(planned, names),
                ),
            )
        }
        Refusal::UnknownTargetTypes { targets, is_create } => {
            unknown_target_types(targets, *is_create, (id, written_so_far))
        }
    }
}

fn already_assigned(
    live: &BTreeSet<Assignment>,
    missing: Option<&BTreeSet<Assignment>>,
    names: &GroupNames,
    (kind, id, written_so_far): (&PolicyKind, &str, &str),
) -> Diagnostic {
    let missing = match missing {
        None => "Whether the configuration contains all of them is not known yet.\n".to_owned(),
        Some(missing) if missing.is_empty() => "The configuration contains all of them.\n".to_owned(),
        Some(missing) => format!("The configuration does not contain:\n{}", list(missing, names)),
    };
    Diagnostic::error(
        format!("Policy {id} is already assigned"),
        format!(
            "A new resource needs a policy without direct assignments, because a write replaces the whole set. This \
             policy has:\n{}{missing}{written_so_far}\n{}",
            list(live, names),
            next_steps(kind, id)
        ),
    )
}

fn nothing_to_overwrite(
    live: &BTreeSet<Assignment>,
    names: &GroupNames,
    (kind, id, written_so_far): (&PolicyKind, &str, &str),
) -> Diagnostic {
    Diagnostic::error(
        format!("Policy {id} already has the configured assignments"),
        format!(
            "overwrite_existing is set, but there is nothing to replace. Another resource may manage the same \
             assignments, and destroying that resource would remove them. The policy has:\n{}{written_so_far}\nNext, \
             one of these:\n{}{UNDETECTABLE_REPLACEMENT}",
            list(live, names),
            steps_that_keep_assignments(kind, id)
        ),
    )
}

/// The ways to proceed after a create that found existing assignments. The safest way comes first.
fn next_steps(kind: &PolicyKind, id: &str) -> String {
    format!(
        "Next, one of these:\n{}  3. To replace the existing assignments, set overwrite_existing = \
         true.\n{UNDETECTABLE_REPLACEMENT}",
        steps_that_keep_assignments(kind, id)
    )
}

/// The ways to proceed without losing the existing assignments.
fn steps_that_keep_assignments(kind: &PolicyKind, id: &str) -> String {
    let resource_type = kind.resource_type;
    format!(
        "  1. If another resource in the state manages this policy, move that resource to this address:\n     moved \
         {{\n       from = {resource_type}.OLD_NAME\n       to   = {resource_type}.NEW_NAME\n     }}\n  2. To adopt \
         the existing assignments, for example after an interrupted apply, import the policy; the plan then shows \
         each difference:\n     import {{\n       to = {resource_type}.NAME\n       id = {id:?}\n     }}\n"
    )
}

fn unknown_target_types(
    targets: &[UnknownTarget],
    is_create: bool,
    (id, written_so_far): (&str, &str),
) -> Diagnostic {
    let lines: Vec<String> = targets
        .iter()
        .map(|target| format!("  - {} (id {})\n", target.target_type, target.graph_id))
        .collect();
    let lines = lines.concat();
    let overwrite =
        if is_create { " To replace all existing assignments, set overwrite_existing = true." } else { "" };
    Diagnostic::error(
        format!("Policy {id}: it has assignments of a kind that this provider does not know"),
        format!(
            "A write replaces the whole set, and the provider could not write back these \
             assignments:\n{lines}{written_so_far}\nNext: use a newer version of the provider, or remove them in the \
             Intune admin center if they are not needed.{overwrite}"
        ),
    )
}

/// Lists the assignments, each on its own line. An empty list is shown as `(none)`.
pub(super) fn list<'a>(assignments: impl IntoIterator<Item = &'a Assignment>, names: &GroupNames) -> String {
    let lines: Vec<String> = assignments
        .into_iter()
        .map(|assignment| format!("  - {}\n", with_group_name(assignment, names)))
        .collect();
    if lines.is_empty() { "  (none)\n".to_owned() } else { lines.concat() }
}

fn with_group_name(assignment: &Assignment, names: &GroupNames) -> String {
    let name = assignment.group_id.as_deref().and_then(|id| names.get(&GroupId::new(id)));
    match name {
        Some(name) => format!("{assignment} (group {name:?})"),
        None => assignment.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;
    use crate::resources::assignments::kind::EXAMPLE;
    use crate::resources::assignments::names::GROUP;

    const POLICY: &str = "0b8a3d5e-1f2c-4d6b-9a70-5c3e8f1d2b4a";

    fn group(id: &str) -> Assignment {
        Assignment {
            target_type: GROUP.to_owned(),
            group_id: Some(id.to_owned()),
            collection_id: None,
            filter: None,
        }
    }

    fn set(assignments: &[Assignment]) -> BTreeSet<Assignment> {
        assignments.iter().cloned().collect()
    }

    #[test]
    fn refusals_explain_how_to_proceed() {
        let names = GroupNames::from([(GroupId::new("aa"), "Sales".to_owned())]);
        let unknown = UnknownTarget {
            target_type: "organizationalUnitAssignmentTarget".to_owned(),
            graph_id: "p_x".to_owned(),
        };
        let refusals = [
            Refusal::AlreadyAssigned {
                live: set(&[group("aa"), group("bb")]),
                missing: Some(set(&[group("bb")])),
            },
            Refusal::NothingToOverwrite { live: set(&[group("aa")]) },
            Refusal::ChangedSincePlan {
                seen: set(&[group("aa")]),
                live: set(&[]),
                planned: set(&[group("bb")]),
                may_have_been_written: false,
            },
            Refusal::UnknownTargetTypes { targets: vec![unknown], is_create: true },
        ];
        let texts = refusals.map(|refusal| {
            let diagnostic = describe(&refusal, &names, (&EXAMPLE, POLICY), "Nothing was written.");
            format!("{}\n{}\n", diagnostic.summary, diagnostic.detail)
        });
        expect![[r#"
            Policy 0b8a3d5e-1f2c-4d6b-9a70-5c3e8f1d2b4a is already assigned
            A new resource needs a policy without direct assignments, because a write replaces the whole set. This policy has:
              - groupAssignmentTarget aa (group "Sales")
              - groupAssignmentTarget bb
            The configuration does not contain:
              - groupAssignmentTarget bb
            Nothing was written.
            Next, one of these:
              1. If another resource in the state manages this policy, move that resource to this address:
                 moved {
                   from = example_assignment.OLD_NAME
                   to   = example_assignment.NEW_NAME
                 }
              2. To adopt the existing assignments, for example after an interrupted apply, import the policy; the plan then shows each difference:
                 import {
                   to = example_assignment.NAME
                   id = "0b8a3d5e-1f2c-4d6b-9a70-5c3e8f1d2b4a"
                 }
              3. To replace the existing assignments, set overwrite_existing = true.
            The provider cannot always detect that a create belongs to a replacement. For a tainted resource, run terraform untaint with its address, or plan with refresh. If the resource has create_before_destroy, do one of these: remove that setting, plan without -replace, or run terraform untaint.

            Policy 0b8a3d5e-1f2c-4d6b-9a70-5c3e8f1d2b4a already has the configured assignments
            overwrite_existing is set, but there is nothing to replace. Another resource may manage the same assignments, and destroying that resource would remove them. The policy has:
              - groupAssignmentTarget aa (group "Sales")
            Nothing was written.
            Next, one of these:
              1. If another resource in the state manages this policy, move that resource to this address:
                 moved {
                   from = example_assignment.OLD_NAME
                   to   = example_assignment.NEW_NAME
                 }
              2. To adopt the existing assignments, for example after an interrupted apply, import the policy; the plan then shows each difference:
                 import {
                   to = example_assignment.NAME
                   id = "0b8a3d5e-1f2c-4d6b-9a70-5c3e8f1d2b4a"
                 }
            The provider cannot always detect that a create belongs to a replacement. For a tainted resource, run terraform untaint with its address, or plan with refresh. If the resource has create_before_destroy, do one of these: remove that setting, plan without -replace, or run terraform untaint.

            Policy 0b8a3d5e-1f2c-4d6b-9a70-5c3e8f1d2b4a: its assignments have changed since the plan
            They were changed outside of this run, and a write replaces the whole set.
            The plan saw:
              - groupAssignmentTarget aa (group "Sales")
            The policy now has:
              (none)
            To be written:
              - groupAssignmentTarget bb
            Nothing was written.
            Next: run terraform plan again, review the changes, and apply the new plan. If this plan was made with -refresh=false, plan again without it.

            Policy 0b8a3d5e-1f2c-4d6b-9a70-5c3e8f1d2b4a: it has assignments of a kind that this provider does not know
            A write replaces the whole set, and the provider could not write back these assignments:
              - organizationalUnitAssignmentTarget (id p_x)
            Nothing was written.
            Next: use a newer version of the provider, or remove them in the Intune admin center if they are not needed. To replace all existing assignments, set overwrite_existing = true.
        "#]].assert_eq(&texts.join("\n"));
    }
}
