//! The guards decide which assignments a write may replace. Graph has no preconditions for `assign`, so each write
//! compares the live assignments with the assignments on which its plan was based. The guards are pure functions;
//! [`super::refusal`] writes the messages.

use std::collections::BTreeSet;

use super::from_graph::{AssignmentRows, UnknownTarget, canonical};
use super::model::Assignment;

/// Which live assignments a write may replace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MayReplace<'a> {
    /// A create: the policy must have no direct assignment. Even the configured set is refused: it may belong to
    /// another resource, and destroying that resource would remove the assignments.
    Nothing,
    /// A create with `overwrite_existing`: any set except the configured set, for the same reason.
    Everything,
    /// An update, a delete or a replacement: exactly the set on which its plan was based.
    Only(&'a [Assignment]),
}

/// The decision of a guard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The policy already has the planned set.
    NothingToWrite,
    /// The planned set may be written.
    Write,
}

/// Why a write is refused. Ids keep the spelling of Graph or of the configuration.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// A create found assignments. `missing` contains the live assignments that are not in the configuration; `None` if
    /// the configuration is not known yet.
    AlreadyAssigned { live: BTreeSet<Assignment>, missing: Option<BTreeSet<Assignment>> },
    /// A create with `overwrite_existing` found exactly the configured set.
    NothingToOverwrite { live: BTreeSet<Assignment> },
    /// The policy has changed since the plan. `seen` is the set that the plan saw. `may_have_been_written` is true if
    /// the response to an attempt was lost: the planned set may have been in effect for a while.
    ChangedSincePlan {
        seen: BTreeSet<Assignment>,
        live: BTreeSet<Assignment>,
        planned: BTreeSet<Assignment>,
        may_have_been_written: bool,
    },
    /// The policy has targets whose types this version does not know and cannot write.
    UnknownTargetTypes { targets: Vec<UnknownTarget>, is_create: bool },
}

impl MayReplace<'_> {
    /// Decides whether the planned set may replace the live one.
    pub(super) fn judge(self, planned: &[Assignment], live: &AssignmentRows) -> Result<Verdict, Refusal> {
        let is_planned = live.canonical() == canonical(planned);
        match self {
            Self::Nothing => check_create(false, Some(planned), live)?,
            Self::Everything => check_create(true, Some(planned), live)?,
            Self::Only(seen) if !is_planned => check_change(seen, planned, live)?,
            Self::Only(_) => {}
        }
        Ok(if is_planned { Verdict::NothingToWrite } else { Verdict::Write })
    }
}

/// The guard of a create: the policy must have no direct assignment. With `overwrite_existing`, it may have any set
/// except the planned set. `planned` is `None` if it is not known yet.
pub(super) fn check_create(
    overwrites: bool,
    planned: Option<&[Assignment]>,
    live: &AssignmentRows,
) -> Result<(), Refusal> {
    let planned = planned.map(canonical);
    if !live.has_direct() {
        return Ok(());
    }
    if overwrites {
        let is_planned = planned.is_some_and(|planned| live.canonical() == planned);
        return if is_planned {
            Err(Refusal::NothingToOverwrite { live: live.in_graph_spelling() })
        } else {
            Ok(())
        };
    }
    refuse_unknown_target_types(live, true)?;
    let missing = planned.map(|planned| assignments_not_in(live, &planned));
    Err(Refusal::AlreadyAssigned { live: live.in_graph_spelling(), missing })
}

/// The live assignments that are not in the set, which is in canonical form.
pub(super) fn assignments_not_in(live: &AssignmentRows, set: &BTreeSet<Assignment>) -> BTreeSet<Assignment> {
    live.in_graph_spelling().into_iter().filter(|assignment| !set.contains(&assignment.canonical())).collect()
}

fn check_change(seen: &[Assignment], planned: &[Assignment], live: &AssignmentRows) -> Result<(), Refusal> {
    refuse_unknown_target_types(live, false)?;
    if live.canonical() == canonical(seen) {
        return Ok(());
    }
    Err(changed_since_plan(seen, planned, live, false))
}

/// The refusal of a write to a policy that has changed. See [`Refusal::ChangedSincePlan`].
pub(super) fn changed_since_plan(
    seen: &[Assignment],
    planned: &[Assignment],
    live: &AssignmentRows,
    may_have_been_written: bool,
) -> Refusal {
    Refusal::ChangedSincePlan {
        seen: seen.iter().cloned().collect(),
        live: live.in_graph_spelling(),
        planned: planned.iter().cloned().collect(),
        may_have_been_written,
    }
}

fn refuse_unknown_target_types(live: &AssignmentRows, is_create: bool) -> Result<(), Refusal> {
    let targets = live.unknown_target_types();
    if targets.is_empty() { Ok(()) } else { Err(Refusal::UnknownTargetTypes { targets, is_create }) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::resources::assignments::names::{ALL_DEVICES, GROUP};

    fn group(id: &str) -> Assignment {
        Assignment {
            target_type: GROUP.to_owned(),
            group_id: Some(id.to_owned()),
            collection_id: None,
            filter: None,
        }
    }

    fn rows(targets: &[(&str, Option<&str>)]) -> AssignmentRows {
        let row = |(target_type, group_id): &(&str, Option<&str>)| {
            let target =
                json!({"@odata.type": format!("#microsoft.graph.{target_type}"), "groupId": group_id});
            serde_json::from_value(json!({"id": "p_x", "source": "direct", "target": target})).unwrap()
        };
        AssignmentRows::new(targets.iter().map(row).collect())
    }

    #[test]
    fn a_create_needs_a_policy_without_direct_assignments() {
        let planned = [group("aa"), group("BB")];
        assert_eq!(MayReplace::Nothing.judge(&planned, &rows(&[])), Ok(Verdict::Write));
        assert_eq!(MayReplace::Nothing.judge(&[], &rows(&[])), Ok(Verdict::NothingToWrite));
        for (live, missing) in [
            (rows(&[(GROUP, Some("AA"))]), 0),
            (rows(&[(GROUP, Some("bb")), (GROUP, Some("aa"))]), 0),
            (rows(&[(GROUP, Some("aa")), (ALL_DEVICES, None)]), 1),
        ] {
            let refusal = MayReplace::Nothing.judge(&planned, &live).unwrap_err();
            let Refusal::AlreadyAssigned { missing: Some(found), .. } = refusal else {
                panic!("{refusal:?}")
            };
            assert_eq!(found.len(), missing);
        }
        assert!(
            check_create(false, None, &rows(&[(GROUP, Some("aa"))])).is_err(),
            "a create is refused even if the planned set is not known"
        );
    }

    #[test]
    fn overwriting_replaces_any_set_but_the_configured_one() {
        let live = rows(&[(GROUP, Some("aa")), ("organizationalUnitAssignmentTarget", None)]);
        assert_eq!(MayReplace::Everything.judge(&[group("aa")], &live), Ok(Verdict::Write));
        let live = rows(&[(GROUP, Some("AA"))]);
        assert!(matches!(
            MayReplace::Everything.judge(&[group("aa")], &live),
            Err(Refusal::NothingToOverwrite { .. })
        ));
        assert_eq!(MayReplace::Everything.judge(&[], &rows(&[])), Ok(Verdict::NothingToWrite));
    }

    #[test]
    fn an_update_replaces_only_the_set_of_its_plan() {
        let (seen, planned) = ([group("aa")], [group("bb")]);
        let judge = |live: &AssignmentRows| MayReplace::Only(&seen).judge(&planned, live);
        assert_eq!(judge(&rows(&[(GROUP, Some("AA"))])), Ok(Verdict::Write));
        assert_eq!(judge(&rows(&[(GROUP, Some("BB"))])), Ok(Verdict::NothingToWrite));
        for live in
            [rows(&[]), rows(&[(GROUP, Some("cc"))]), rows(&[(GROUP, Some("aa")), (GROUP, Some("cc"))])]
        {
            assert!(matches!(judge(&live), Err(Refusal::ChangedSincePlan { .. })));
        }
    }

    #[test]
    fn a_live_target_of_an_unknown_type_is_replaced_only_by_an_overwriting_create() {
        let live = rows(&[("organizationalUnitAssignmentTarget", None)]);
        assert!(matches!(MayReplace::Nothing.judge(&[], &live), Err(Refusal::UnknownTargetTypes { .. })));
        let seen = live.assignments(&[]);
        assert!(matches!(MayReplace::Only(&seen).judge(&[], &live), Err(Refusal::UnknownTargetTypes { .. })));
    }
}
