//! The guards: which set of assignments a write may replace. Graph offers no precondition, so each write compares what
//! is there with what its plan was made from. Pure decisions; [`super::refusal`] words them.

use std::collections::BTreeSet;

use super::from_graph::{Rows, UnknownRow, canonical};
use super::model::Assignment;

/// What a write may replace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MayReplace<'a> {
    /// A create: the policy must have no direct assignment. One that equals the configuration may be about to be
    /// removed under another address, by another process.
    Nothing,
    /// A create with `overwrite_existing`: whatever there is, except the configured set itself, for the same reason.
    Everything,
    /// An update, a delete or a replacement: exactly the set that its plan saw.
    Only(&'a [Assignment]),
}

/// What a guard lets happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The policy has the planned set already.
    NothingToWrite,
    /// The planned set may be written.
    Write,
}

/// Why a write must not happen. Assignments are spelled as Graph or the configuration has them.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// A create found these. `missing` are those that the configuration does not have; `None` while it is not known.
    AlreadyAssigned { live: BTreeSet<Assignment>, missing: Option<BTreeSet<Assignment>> },
    /// A create that may overwrite found just the configured set.
    NothingToOverwrite { live: BTreeSet<Assignment> },
    /// The policy has changed since the plan: what the plan saw, what is there, what was to be written. An attempt
    /// whose answer was lost may have been in force meanwhile.
    ChangedSincePlan {
        seen: BTreeSet<Assignment>,
        live: BTreeSet<Assignment>,
        planned: BTreeSet<Assignment>,
        may_be_written: bool,
    },
    /// The policy has kinds of target that cannot be written back.
    UnknownKinds { rows: Vec<UnknownRow>, is_create: bool },
}

impl MayReplace<'_> {
    /// Compares what is there with what may be replaced.
    pub(super) fn judge(self, planned: &[Assignment], live: &Rows) -> Result<Verdict, Refusal> {
        let is_planned = live.canonical() == canonical(planned);
        match self {
            Self::Nothing => new_object(false, Some(planned), live)?,
            Self::Everything => new_object(true, Some(planned), live)?,
            Self::Only(seen) if !is_planned => change(seen, planned, live)?,
            Self::Only(_) => {}
        }
        Ok(if is_planned { Verdict::NothingToWrite } else { Verdict::Write })
    }
}

/// A create may go on if there is nothing; with `overwrite_existing`, also if there is something to replace. As long as
/// the planned set is not known, it is `None`.
pub(super) fn new_object(
    overwrites: bool,
    planned: Option<&[Assignment]>,
    live: &Rows,
) -> Result<(), Refusal> {
    let planned = planned.map(canonical);
    if !live.has_direct() {
        return Ok(());
    }
    if overwrites {
        let is_planned = planned.is_some_and(|planned| live.canonical() == planned);
        return if is_planned { Err(Refusal::NothingToOverwrite { live: live.spelled() }) } else { Ok(()) };
    }
    refuse_unknown_kinds(live, true)?;
    let missing = planned.map(|planned| without(live, &planned));
    Err(Refusal::AlreadyAssigned { live: live.spelled(), missing })
}

/// The live assignments that are not in this set.
pub(super) fn without(live: &Rows, kept: &BTreeSet<Assignment>) -> BTreeSet<Assignment> {
    live.spelled().into_iter().filter(|assignment| !kept.contains(&assignment.canonical())).collect()
}

fn change(seen: &[Assignment], planned: &[Assignment], live: &Rows) -> Result<(), Refusal> {
    refuse_unknown_kinds(live, false)?;
    if live.canonical() == canonical(seen) {
        return Ok(());
    }
    Err(changed_since_plan(seen, planned, live, false))
}

/// The refusal of a write over a change of the policy. `seen` is what the plan was made from; `may_be_written` says
/// whether an earlier attempt may have been in force.
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::resources::atp_assignment::names::{ALL_DEVICES, GROUP};

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

    #[test]
    fn a_create_takes_a_policy_without_direct_assignments_only() {
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
            new_object(false, None, &rows(&[(GROUP, Some("aa"))])).is_err(),
            "also while the set is not known"
        );
    }

    #[test]
    fn overwriting_takes_everything_but_the_configured_set() {
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
    fn a_change_passes_over_what_the_plan_saw_or_what_is_planned() {
        let (seen, planned) = ([group("aa")], [group("bb")]);
        let judge = |live: &Rows| MayReplace::Only(&seen).judge(&planned, live);
        assert_eq!(judge(&rows(&[(GROUP, Some("AA"))])), Ok(Verdict::Write));
        assert_eq!(judge(&rows(&[(GROUP, Some("BB"))])), Ok(Verdict::NothingToWrite));
        for live in
            [rows(&[]), rows(&[(GROUP, Some("cc"))]), rows(&[(GROUP, Some("aa")), (GROUP, Some("cc"))])]
        {
            assert!(matches!(judge(&live), Err(Refusal::ChangedSincePlan { .. })));
        }
    }

    #[test]
    fn a_live_kind_that_is_not_known_stops_all_but_an_overwriting_create() {
        let live = rows(&[("organizationalUnitAssignmentTarget", None)]);
        assert!(matches!(MayReplace::Nothing.judge(&[], &live), Err(Refusal::UnknownKinds { .. })));
        let seen = live.assignments(&[]);
        assert!(matches!(MayReplace::Only(&seen).judge(&[], &live), Err(Refusal::UnknownKinds { .. })));
    }
}
