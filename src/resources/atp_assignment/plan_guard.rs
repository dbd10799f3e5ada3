//! The guards while planning: a policy that is assigned already, a policy with two resources, and the new policy of a
//! replacement. A plan that Terraform repeats inside apply is left to apply, which is strict in any case.

use std::collections::BTreeSet;

use crate::graph;
use crate::resources::lookups::{Failed, LookupKind};
use crate::resources::policy_records::{Conflict, PlannedUse};
use crate::resources::session::{Preflight, Session};
use crate::terraform::attribute_path::AttributePath;
use crate::terraform::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::terraform::plan::Plan;
use crate::terraform::resource::{PlanCheck, PlanStage};
use crate::terraform::value::Value;

use super::from_graph::{Rows, canonical};
use super::guard::{self, Refusal};
use super::listed;
use super::messages::{conflict, missing_replacement, old_policy_kept, will_overwrite};
use super::model::Assignment;
use super::names::{ASSIGNMENTS, DEVICE_CONFIGURATION_ID, OVERWRITE_EXISTING, SKIP_DESTROY};
use super::policy::{Policy, other_type};
use super::refusal;

/// A policy that a plan assigns for the first time.
struct NewPolicy<'a> {
    policy: Policy<'a>,
    /// The policy that is given up for it.
    replaces: Option<&'a str>,
    stage: PlanStage,
    /// Whether it may be overwritten; `None` while that is not known.
    overwrites: Option<bool>,
    /// `None` while they are not known.
    assignments: Option<Vec<Assignment>>,
}

/// Checks the policy of a create or of a replacement, and whether another resource of the plan has it.
///
/// # Errors
/// The policy could not be looked at.
pub(super) async fn check(
    session: &Session,
    client: &graph::Client,
    check: PlanCheck<'_>,
) -> Result<Diagnostics, graph::Error> {
    if session.policies.is_applying()
        || matches!(check.stage, PlanStage::DuringApply | PlanStage::ReplacementCreate)
    {
        return Ok(Diagnostics::new());
    }
    let mut diagnostics = note_uses(session, check.plan);
    if !diagnostics.has_errors()
        && let Some(new) = NewPolicy::of(session, client, check)
    {
        diagnostics.extend(new.judge().await?);
    }
    Ok(diagnostics)
}

/// Notes that the plan destroys the object of a policy. An error if another resource of the plan has it.
pub(super) fn note_destroy(session: &Session, id: &str, stays_assigned: bool) -> Option<Diagnostic> {
    if session.policies.is_applying() {
        return None;
    }
    let found = session.policies.note_planned(id, PlannedUse::GiveUp { stays_assigned });
    found.map(|found| conflict(id, found))
}

/// Notes what the plan does with the prior and with the planned policy.
fn note_uses(session: &Session, plan: &Plan) -> Diagnostics {
    let prior = plan.prior.attribute(DEVICE_CONFIGURATION_ID).and_then(Value::as_str);
    let planned = plan.planned(DEVICE_CONFIGURATION_ID).as_str();
    let is_same = prior.zip(planned).is_some_and(|(prior, planned)| prior.eq_ignore_ascii_case(planned));
    let stays_assigned = plan.prior.attribute(SKIP_DESTROY).and_then(Value::as_bool) == Some(true);
    let uses = [
        prior.map(|id| (id, if is_same { PlannedUse::Keep } else { PlannedUse::GiveUp { stays_assigned } })),
        planned.filter(|_| !is_same).map(|id| (id, PlannedUse::Create)),
    ];
    let conflicts = uses.into_iter().flatten().filter_map(|(id, planned)| {
        session.policies.note_planned(id, planned).map(|found: Conflict| conflict(id, found))
    });
    conflicts.collect()
}

impl<'a> NewPolicy<'a> {
    /// `None` if the plan assigns no policy for the first time, as far as is known. A create for a policy that a
    /// refresh of this session has shown is that of a tainted object.
    fn of(session: &'a Session, client: &'a graph::Client, check: PlanCheck<'a>) -> Option<Self> {
        let PlanCheck { plan, stage, .. } = check;
        let id = plan.planned(DEVICE_CONFIGURATION_ID).as_str()?;
        let replaces = plan.prior.attribute(DEVICE_CONFIGURATION_ID).and_then(Value::as_str);
        let is_new = match replaces {
            Some(old) => !old.eq_ignore_ascii_case(id),
            None => session.policies.read(id).is_none(),
        };
        let overwrites = plan.planned(OVERWRITE_EXISTING);
        let assignments = plan.planned(ASSIGNMENTS);
        is_new.then(|| Self {
            policy: Policy::new(session, client, id),
            replaces,
            stage,
            overwrites: (!overwrites.is_unknown()).then(|| overwrites.as_bool() == Some(true)),
            assignments: if assignments.is_wholly_known() {
                Assignment::all_from_value(assignments)
            } else {
                None
            },
        })
    }

    async fn judge(self) -> Result<Diagnostics, graph::Error> {
        let Policy { session, client, id } = self.policy;
        match session.lookups.failure_of(LookupKind::Policies) {
            Some(Failed::With(error)) => return Err(error),
            Some(Failed::TookTooLong) => return Ok(Diagnostics::new()),
            None => {}
        }
        if listed::is_unassigned(session, client, id).await? {
            return Ok(Diagnostics::new());
        }
        let found = client.get_policy_for_assignment(id, &[]).await;
        match found.policy {
            Ok(policy) if !policy.is_defender_atp() => Ok(self.wrong_type(other_type(id, &policy))),
            Ok(_) => Ok(self.judge_rows(&Rows::new(found.assignments?)).await),
            Err(error) if error.is_resource_not_found() => Ok(self.missing()),
            Err(error) => Err(error),
        }
    }

    /// The old policy of a replacement must not be given up for one that cannot be assigned.
    fn wrong_type(&self, diagnostic: Diagnostic) -> Diagnostics {
        match self.replaces {
            Some(old) => old_policy_kept(old, diagnostic.into()),
            None => as_severe_as_preflight(self.policy.session, diagnostic),
        }
    }

    /// A new policy may still be on its way, for a create alone: an id that is known cannot come true in this apply.
    fn missing(&self) -> Diagnostics {
        match self.replaces {
            Some(old) => missing_replacement(self.policy.id, old).into(),
            None if self.policy.session.options.preflight == Preflight::Off => Diagnostics::new(),
            None => missing_policy(self.policy.id).into(),
        }
    }

    async fn judge_rows(&self, live: &Rows) -> Diagnostics {
        let Some(overwrites) = self.overwrites else { return Diagnostics::new() };
        match guard::new_object(overwrites, self.assignments.as_deref(), live) {
            Err(refusal) => self.refuse(refusal).await,
            Ok(()) if overwrites => self.overwrites(live).await,
            Ok(()) => Diagnostics::new(),
        }
    }

    async fn refuse(&self, refusal: Refusal) -> Diagnostics {
        let severity = self.severity_of(&refusal);
        let found = refusal::report(refusal, self.policy).await;
        let found = found.into_iter().map(|diagnostic| Diagnostic { severity, ..diagnostic }).collect();
        match self.replaces {
            Some(old) => old_policy_kept(old, found),
            None => found,
        }
    }

    /// An error, except where this may be the repeated plan of a replacement and nothing would be lost: an error there
    /// would leave the old object aside. Apply refuses all the same.
    fn severity_of(&self, refusal: &Refusal) -> Severity {
        let loses_nothing = match refusal {
            Refusal::AlreadyAssigned { missing, .. } => missing.as_ref().is_some_and(BTreeSet::is_empty),
            Refusal::NothingToOverwrite { .. } => true,
            Refusal::ChangedSincePlan { .. } | Refusal::UnknownKinds { .. } => false,
        };
        let is_unclear = self.stage == PlanStage::Unknown && self.replaces.is_none();
        if is_unclear && loses_nothing { Severity::Warning } else { Severity::Error }
    }

    /// Shows what `overwrite_existing` removes.
    async fn overwrites(&self, live: &Rows) -> Diagnostics {
        let kept = self.assignments.as_deref().map(canonical).unwrap_or_default();
        let removed = guard::without(live, &kept);
        if removed.is_empty() {
            return Diagnostics::new();
        }
        let names = refusal::names_of(&removed, self.policy).await;
        will_overwrite(self.policy.id, &removed, &names).into()
    }
}

/// A finding that apply would refuse: as severe as `preflight` says.
pub(super) fn as_severe_as_preflight(session: &Session, mut diagnostic: Diagnostic) -> Diagnostics {
    match session.options.preflight {
        Preflight::Error => diagnostic.into(),
        Preflight::Warn => {
            diagnostic.severity = Severity::Warning;
            diagnostic.into()
        }
        Preflight::Off => Diagnostics::new(),
    }
}

/// The policy of a create does not exist.
fn missing_policy(id: &str) -> Diagnostic {
    Diagnostic::warning(
        format!("Policy {id} does not exist"),
        "It was deleted or the id is wrong; apply will fail. If the policy is being created at this moment, apply \
         waits up to 2 minutes for it.",
    )
    .at(AttributePath::root(DEVICE_CONFIGURATION_ID))
}
