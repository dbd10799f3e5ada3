//! The guards: a write may only remove what its plan showed.
//!
//! `assign` replaces the whole set and Graph offers no precondition, so each write first compares what is there with
//! what its plan was made from. Pure decisions, and the words for a refusal.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::graph;
use crate::resources::deadline::Deadline;
use crate::terraform::attribute_path::AttributePath;
use crate::terraform::diagnostic::{Diagnostic, Diagnostics};

use super::from_graph::{Rows, UnknownRow, canonical};
use super::model::{Assignment, AtpAssignmentModel};
use super::names::ASSIGNMENTS;

/// How long a refusal waits for the names of groups.
const PATIENCE_FOR_NAMES: Duration = Duration::from_secs(5);

/// Why a write must not happen. Assignments are spelled as Graph or the configuration has them.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// A create would remove these.
    WouldLose(BTreeSet<Assignment>),
    /// Somebody changed the policy since the plan: what the plan saw, what is there, what was to be written. An
    /// attempt whose answer was lost may have been in force meanwhile.
    ChangedSincePlan {
        seen: BTreeSet<Assignment>,
        live: BTreeSet<Assignment>,
        planned: BTreeSet<Assignment>,
        may_be_written: bool,
    },
    /// The policy has kinds of target that cannot be written back.
    UnknownKinds { rows: Vec<UnknownRow>, is_create: bool },
}

/// A create may go on if it loses nothing: the live set is equal to the planned one or inside it.
pub(super) fn create(planned: &AtpAssignmentModel, live: &Rows) -> Result<(), Refusal> {
    if planned.overwrite_existing == Some(true) {
        return Ok(());
    }
    refuse_unknown_kinds(live, true)?;
    let kept = canonical(&planned.assignments);
    let lost: BTreeSet<_> =
        live.spelled().into_iter().filter(|assignment| !kept.contains(&assignment.canonical())).collect();
    if lost.is_empty() { Ok(()) } else { Err(Refusal::WouldLose(lost)) }
}

/// An update or delete may go on if the policy is as its plan saw it, or already as planned.
pub(super) fn change(prior: &[Assignment], planned: &[Assignment], live: &Rows) -> Result<(), Refusal> {
    let live_set = live.canonical();
    if live_set == canonical(planned) {
        return Ok(());
    }
    refuse_unknown_kinds(live, false)?;
    if live_set == canonical(prior) {
        return Ok(());
    }
    Err(changed_since_plan(prior, planned, live, false))
}

/// The refusal of a write over what somebody else has changed. `seen` is what the plan was made from;
/// `may_be_written` tells whether an attempt before may have been in force.
pub(super) fn changed_since_plan(
    seen: &[Assignment],
    planned: &[Assignment],
    live: &Rows,
    may_be_written: bool,
) -> Refusal {
    Refusal::ChangedSincePlan {
        seen: seen.iter().cloned().collect(),
        live: live.spelled(),
        planned: planned.iter().cloned().collect(),
        may_be_written,
    }
}

fn refuse_unknown_kinds(live: &Rows, is_create: bool) -> Result<(), Refusal> {
    let rows = live.unknown_kinds();
    if rows.is_empty() { Ok(()) } else { Err(Refusal::UnknownKinds { rows, is_create }) }
}

/// The refusal in words, with the names of groups where they can be had.
pub(super) async fn report(
    refusal: Refusal,
    client: &graph::Client,
    device_configuration_id: &str,
) -> Diagnostics {
    let names = group_names(&refusal, client).await;
    let diagnostic = words(&refusal, &names, device_configuration_id);
    diagnostic.at(AttributePath::root(ASSIGNMENTS)).into()
}

/// Display names of groups by their ids in lower case.
pub(super) type Names = BTreeMap<String, String>;

/// Display names of the groups concerned. The permission for it is optional, so a failure only means no names.
async fn group_names(refusal: &Refusal, client: &graph::Client) -> Names {
    let concerned: Vec<&BTreeSet<Assignment>> = match refusal {
        Refusal::WouldLose(lost) => vec![lost],
        Refusal::ChangedSincePlan { seen, live, planned, .. } => vec![seen, live, planned],
        Refusal::UnknownKinds { .. } => Vec::new(),
    };
    let ids: BTreeSet<String> =
        concerned.into_iter().flatten().filter_map(|row| row.group_id.clone()).collect();
    let ids: Vec<String> = ids.into_iter().collect();
    // Names are a courtesy: a slow directory must not cost the refusal.
    let patience = Deadline::after(PATIENCE_FOR_NAMES, client.clock());
    let groups = patience.within(Box::pin(client.get_groups_by_ids(&ids))).await;
    let groups = groups.and_then(Result::ok).unwrap_or_default();
    groups
        .into_iter()
        .filter_map(|group| Some((group.id.to_ascii_lowercase(), group.display_name?)))
        .collect()
}

fn words(refusal: &Refusal, names: &Names, id: &str) -> Diagnostic {
    match refusal {
        Refusal::WouldLose(lost) => would_lose(lost, names, id),
        Refusal::ChangedSincePlan { seen, live, planned, may_be_written } => {
            let outcome = if *may_be_written {
                "The answer to a first attempt was lost, so this may have been in force for a while. Nothing more \
                 was sent."
            } else {
                "Nothing was written, and the state is unchanged."
            };
            Diagnostic::error(
                format!("Policy {id}: its assignments have changed since the plan"),
                format!(
                    "Somebody else has changed them in between, and a write replaces the whole set.\n\
                     The plan saw:\n{}There now:\n{}To be written:\n{}{outcome}\n\
                     Next: run terraform plan again, read what it shows, and apply that. If this plan was made with \
                     -refresh=false, plan again without it.",
                    list(seen, names),
                    list(live, names),
                    list(planned, names),
                ),
            )
        }
        Refusal::UnknownKinds { rows, is_create } => unknown_kinds(rows, *is_create, id),
    }
}

fn would_lose(lost: &BTreeSet<Assignment>, names: &Names, id: &str) -> Diagnostic {
    let count = match lost.len() {
        1 => "1 assignment".to_owned(),
        count => format!("{count} assignments"),
    };
    Diagnostic::error(
        format!("Policy {id}: creating the resource would remove {count}"),
        format!(
            "The policy is assigned already, and a write replaces the whole set. The configuration does not list:\n\
             {}Nothing was written.\n\
             Next, one of these:\n  \
             1. If this policy was managed at another address before, keep its state:\n     \
             moved {{\n       from = defender_atp_assignment.OLD_NAME\n       to   = \
             defender_atp_assignment.NEW_NAME\n     }}\n  \
             2. To take over what is there, import the policy; the plan then shows each difference:\n     \
             import {{\n       to = defender_atp_assignment.NAME\n       id = {id:?}\n     }}\n  \
             3. To replace what is there, set overwrite_existing = true.",
            list(lost, names),
        ),
    )
}

fn unknown_kinds(rows: &[UnknownRow], is_create: bool, id: &str) -> Diagnostic {
    let lines: Vec<String> =
        rows.iter().map(|row| format!("  - {} (id {})\n", row.target_type, row.graph_id)).collect();
    let lines = lines.concat();
    let overwrite =
        if is_create { " To replace everything that is there, set overwrite_existing = true." } else { "" };
    Diagnostic::error(
        format!("Policy {id}: it has assignments of a kind that this provider does not know"),
        format!(
            "A write replaces the whole set, and these could not be written back:\n{lines}Nothing was written.\n\
             Next: use a newer version of the provider, or remove them in the Intune admin centre if they are not \
             needed.{overwrite}"
        ),
    )
}

/// A line for each assignment; `(none)` if there is none.
pub(super) fn list<'a>(assignments: impl IntoIterator<Item = &'a Assignment>, names: &Names) -> String {
    let lines: Vec<String> =
        assignments.into_iter().map(|row| format!("  - {}\n", described(row, names))).collect();
    if lines.is_empty() { "  (none)\n".to_owned() } else { lines.concat() }
}

fn described(assignment: &Assignment, names: &Names) -> String {
    let name = assignment.group_id.as_deref().and_then(|id| names.get(&id.to_ascii_lowercase()));
    match name {
        Some(name) => format!("{assignment} (group {name:?})"),
        None => assignment.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use serde_json::json;

    use super::*;
    use crate::resources::atp_assignment::names::{ALL_DEVICES, GROUP};
    use crate::terraform::resource::Model;
    use crate::terraform::value::Value;

    const POLICY: &str = "0b8a3d5e-1f2c-4d6b-9a70-5c3e8f1d2b4a";

    fn group(id: &str) -> Assignment {
        Assignment {
            target_type: GROUP.to_owned(),
            group_id: Some(id.to_owned()),
            collection_id: None,
            filter: None,
        }
    }

    fn rows(targets: &[(&str, Option<&str>)]) -> Rows {
        let row = |(kind, group_id): &(&str, Option<&str>)| {
            let target = json!({"@odata.type": format!("#microsoft.graph.{kind}"), "groupId": group_id});
            serde_json::from_value(json!({"id": "p_x", "source": "direct", "target": target})).unwrap()
        };
        Rows::new(targets.iter().map(row).collect())
    }

    fn model(assignments: Vec<Assignment>, overwrite_existing: Option<bool>) -> AtpAssignmentModel {
        let empty = Value::object([("device_configuration_id", Value::string(POLICY))]);
        AtpAssignmentModel {
            assignments,
            overwrite_existing,
            ..AtpAssignmentModel::from_value(&empty).unwrap()
        }
    }

    #[test]
    fn a_create_passes_over_an_equal_or_smaller_set() {
        let planned = model(vec![group("aa"), group("BB")], None);
        for live in
            [rows(&[]), rows(&[(GROUP, Some("AA"))]), rows(&[(GROUP, Some("bb")), (GROUP, Some("aa"))])]
        {
            assert_eq!(create(&planned, &live), Ok(()));
        }
    }

    #[test]
    fn a_create_that_would_lose_something_is_refused_unless_it_may() {
        let live = rows(&[(GROUP, Some("aa")), (ALL_DEVICES, None)]);
        assert!(
            matches!(create(&model(vec![group("aa")], None), &live), Err(Refusal::WouldLose(lost)) if lost.len() == 1)
        );
        assert!(create(&model(vec![group("aa")], Some(false)), &live).is_err());
        assert_eq!(create(&model(vec![group("aa")], Some(true)), &live), Ok(()));
    }

    #[test]
    fn a_change_passes_over_what_the_plan_saw_or_what_is_planned() {
        let (prior, planned) = ([group("aa")], [group("bb")]);
        assert_eq!(change(&prior, &planned, &rows(&[(GROUP, Some("AA"))])), Ok(()));
        assert_eq!(change(&prior, &planned, &rows(&[(GROUP, Some("BB"))])), Ok(()));
        for live in
            [rows(&[]), rows(&[(GROUP, Some("cc"))]), rows(&[(GROUP, Some("aa")), (GROUP, Some("cc"))])]
        {
            assert!(matches!(change(&prior, &planned, &live), Err(Refusal::ChangedSincePlan { .. })));
        }
    }

    #[test]
    fn a_live_kind_that_is_not_known_stops_all_but_an_overwriting_create() {
        let live = rows(&[("organizationalUnitAssignmentTarget", None)]);
        assert!(matches!(create(&model(vec![], None), &live), Err(Refusal::UnknownKinds { .. })));
        assert_eq!(create(&model(vec![], Some(true)), &live), Ok(()));
        let seen = live.assignments(&[]);
        assert!(matches!(change(&seen, &[], &live), Err(Refusal::UnknownKinds { .. })));
    }

    #[test]
    fn refusals_read_as_instructions() {
        let names = Names::from([("aa".to_owned(), "Sales".to_owned())]);
        let set = |assignments: &[Assignment]| assignments.iter().cloned().collect::<BTreeSet<_>>();
        let refusals = [
            Refusal::WouldLose(set(&[group("aa"), group("bb")])),
            Refusal::ChangedSincePlan {
                seen: set(&[group("aa")]),
                live: set(&[]),
                planned: set(&[group("bb")]),
                may_be_written: false,
            },
            Refusal::UnknownKinds {
                rows: rows(&[("organizationalUnitAssignmentTarget", None)]).unknown_kinds(),
                is_create: true,
            },
        ];
        let texts = refusals.map(|refusal| {
            let diagnostic = words(&refusal, &names, POLICY);
            format!("{}\n{}\n", diagnostic.summary, diagnostic.detail)
        });
        expect![[r#"
            Policy 0b8a3d5e-1f2c-4d6b-9a70-5c3e8f1d2b4a: creating the resource would remove 2 assignments
            The policy is assigned already, and a write replaces the whole set. The configuration does not list:
              - groupAssignmentTarget aa (group "Sales")
              - groupAssignmentTarget bb
            Nothing was written.
            Next, one of these:
              1. If this policy was managed at another address before, keep its state:
                 moved {
                   from = defender_atp_assignment.OLD_NAME
                   to   = defender_atp_assignment.NEW_NAME
                 }
              2. To take over what is there, import the policy; the plan then shows each difference:
                 import {
                   to = defender_atp_assignment.NAME
                   id = "0b8a3d5e-1f2c-4d6b-9a70-5c3e8f1d2b4a"
                 }
              3. To replace what is there, set overwrite_existing = true.

            Policy 0b8a3d5e-1f2c-4d6b-9a70-5c3e8f1d2b4a: its assignments have changed since the plan
            Somebody else has changed them in between, and a write replaces the whole set.
            The plan saw:
              - groupAssignmentTarget aa (group "Sales")
            There now:
              (none)
            To be written:
              - groupAssignmentTarget bb
            Nothing was written, and the state is unchanged.
            Next: run terraform plan again, read what it shows, and apply that. If this plan was made with -refresh=false, plan again without it.

            Policy 0b8a3d5e-1f2c-4d6b-9a70-5c3e8f1d2b4a: it has assignments of a kind that this provider does not know
            A write replaces the whole set, and these could not be written back:
              - organizationalUnitAssignmentTarget (id p_x)
            Nothing was written.
            Next: use a newer version of the provider, or remove them in the Intune admin centre if they are not needed. To replace everything that is there, set overwrite_existing = true.
        "#]].assert_eq(&texts.join("\n"));
    }
}
