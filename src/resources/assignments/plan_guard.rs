//! The safety checks of a plan. They report a new resource for a policy that already has assignments, two resources
//! that manage the same policy, and a replacement whose new policy cannot be assigned. Apply repeats these checks
//! before it writes.

use std::collections::BTreeSet;

use super::session_records::lookups::{LookupFailure, LookupKind};
use super::session_records::policy_records::{Conflict, PlannedUse};
use crate::graph::{self, PolicyId};
use crate::resources::session::{Preflight, Session};
use crate::terraform::attribute_path::AttributePath;
use crate::terraform::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::terraform::plan::Plan;
use crate::terraform::resource::{PlanCheck, PlanStage};
use crate::terraform::value::Value;

use super::bulk_list;
use super::from_graph::{AssignmentRows, canonical};
use super::group_targets;
use super::guard::{self, Refusal};
use super::kind::PolicyKind;
use super::messages::{conflict, missing_replacement, old_policy_kept, will_overwrite};
use super::model::{Assignment, AssignmentModel};
use super::names::{ASSIGNMENTS, OVERWRITE_EXISTING, SKIP_DESTROY};
use super::overlap;
use super::policy::Policy;
use super::refusal;
use super::severity::with_preflight_severity;

/// A policy that a plan starts to manage.
struct NewPolicy<'a> {
    policy: Policy<'a>,
    /// The id of the old policy; `None` if the plan is not a replacement.
    replaces: Option<&'a str>,
    stage: PlanStage,
    /// `None` if the value is not known yet.
    overwrite_existing: Option<bool>,
    /// The planned assignments; `None` if they are not known yet.
    assignments: Option<Vec<Assignment>>,
    /// Whether any planned target is a group.
    has_groups: bool,
}

/// Checks the policy of a create or of a replacement. Reports a conflict if another resource of the plan manages the
/// same policy.
///
/// # Errors
/// The policy could not be read.
pub(super) async fn check(
    kind: &'static PolicyKind,
    session: &Session,
    client: &graph::Client,
    check: PlanCheck<'_>,
) -> Result<Diagnostics, graph::Error> {
    // The first plan call of a replacement has checked both policies.
    if check.stage == PlanStage::ReplacementCreate {
        return Ok(Diagnostics::new());
    }
    let mut diagnostics = record_uses(kind, session, check.plan);
    if !diagnostics.has_errors()
        && let Some(new) = NewPolicy::from_plan(kind, session, client, check)
    {
        diagnostics.extend(new.check().await?);
    }
    Ok(diagnostics)
}

/// Records that the plan destroys the object for a policy. Returns an error if another resource of the plan manages the
/// same policy.
pub(super) fn record_destroy(
    session: &Session,
    prior: &AssignmentModel,
    stays_assigned: bool,
) -> Option<Diagnostic> {
    if session.assignments.is_applying() {
        return None;
    }
    let AssignmentModel { kind, policy_id: id, .. } = prior;
    overlap::record_no_inclusions(session, kind, id);
    let records = session.assignments.collection(kind.collection);
    let other_use = records.policies.record_planned_use(id, PlannedUse::Release { stays_assigned });
    other_use.map(|other_use| conflict(kind, id, other_use))
}

/// Records how the plan uses the prior and the planned policy. Returns the conflicts with other resources.
fn record_uses(kind: &PolicyKind, session: &Session, plan: &Plan) -> Diagnostics {
    let prior = plan.prior.attribute(kind.id_attribute).and_then(Value::as_str);
    let planned = plan.planned(kind.id_attribute).as_str();
    let is_same_policy = prior.zip(planned).is_some_and(|(prior, planned)| PolicyId::is_same(prior, planned));
    let stays_assigned = plan.prior.attribute(SKIP_DESTROY).and_then(Value::as_bool) == Some(true);
    let uses = [
        prior.map(|id| {
            (id, if is_same_policy { PlannedUse::Keep } else { PlannedUse::Release { stays_assigned } })
        }),
        planned.filter(|_| !is_same_policy).map(|id| (id, PlannedUse::Create)),
    ];
    let records = session.assignments.collection(kind.collection);
    let conflicts = uses.into_iter().flatten().filter_map(|(id, planned_use)| {
        let other_use: Option<Conflict> = records.policies.record_planned_use(id, planned_use);
        other_use.map(|other_use| conflict(kind, id, other_use))
    });
    conflicts.collect()
}

impl<'a> NewPolicy<'a> {
    /// Returns `None` if the plan does not start to manage a policy, or if the policy's id is not known yet. A create
    /// for a policy that this session has refreshed replaces a tainted object, so the policy is not new.
    fn from_plan(
        kind: &'static PolicyKind,
        session: &'a Session,
        client: &'a graph::Client,
        check: PlanCheck<'a>,
    ) -> Option<Self> {
        let PlanCheck { plan, stage, .. } = check;
        let id = plan.planned(kind.id_attribute).as_str()?;
        let policy = Policy { session, client, kind, id };
        let replaces = plan.prior.attribute(kind.id_attribute).and_then(Value::as_str);
        let is_new = match replaces {
            Some(old) => !PolicyId::is_same(old, id),
            None => policy.records().policies.last_read(id).is_none(),
        };
        let overwrite_existing = plan.planned(OVERWRITE_EXISTING);
        let assignments = plan.planned(ASSIGNMENTS);
        is_new.then(|| Self {
            policy,
            replaces,
            stage,
            overwrite_existing: (!overwrite_existing.is_unknown())
                .then(|| overwrite_existing.as_bool() == Some(true)),
            has_groups: group_targets::has_groups(assignments),
            assignments: if assignments.is_wholly_known() {
                Assignment::all_from_value(assignments)
            } else {
                None
            },
        })
    }

    /// Reads the policy, and checks whether it can be assigned and which assignments it has.
    async fn check(self) -> Result<Diagnostics, graph::Error> {
        let Policy { session, id, .. } = self.policy;
        match session.assignments.lookups.failure(LookupKind::Policies) {
            Some(LookupFailure::Graph(error)) => return Err(error),
            Some(LookupFailure::TimedOut) => return Ok(Diagnostics::new()),
            None => {}
        }
        if bulk_list::is_unassigned(self.policy).await? {
            return Ok(Diagnostics::new());
        }
        let response = self.policy.calls().get_for_assignment(id, &[]).await;
        match response.policy {
            Ok(policy) => match self.policy.refuse_unassignable(&policy, self.has_groups) {
                Ok(()) => Ok(self.check_rows(&AssignmentRows::new(response.assignments?)).await),
                Err(diagnostic) => Ok(self.report_unassignable(diagnostic)),
            },
            Err(error) if error.is_resource_not_found() => Ok(self.report_missing()),
            Err(error) => Err(error),
        }
    }

    /// Reports that the policy cannot be assigned. In a replacement, the report is always an error, because Terraform
    /// must not remove the assignments of the old policy.
    fn report_unassignable(&self, diagnostic: Diagnostic) -> Diagnostics {
        match self.replaces {
            Some(old) => old_policy_kept(old, diagnostic.into()),
            None => with_preflight_severity(self.policy.session, diagnostic),
        }
    }

    /// Reports that the policy does not exist. For a create, the report is a warning, because the policy may appear
    /// before the apply. For a replacement, the report is an error, because Terraform must not remove the assignments
    /// of the old policy.
    fn report_missing(&self) -> Diagnostics {
        match self.replaces {
            Some(old) => missing_replacement(self.policy.kind, self.policy.id, old).into(),
            None if self.policy.session.options.preflight == Preflight::Off => Diagnostics::new(),
            None => missing_policy_warning(self.policy).into(),
        }
    }

    /// Checks whether the create may replace the live assignments.
    async fn check_rows(&self, live: &AssignmentRows) -> Diagnostics {
        let Some(overwrite_existing) = self.overwrite_existing else { return Diagnostics::new() };
        match guard::check_create(overwrite_existing, self.assignments.as_deref(), live) {
            Err(refusal) => self.report_refusal(refusal).await,
            Ok(()) if overwrite_existing => self.warn_about_overwritten(live).await,
            Ok(()) => Diagnostics::new(),
        }
    }

    async fn report_refusal(&self, refusal: Refusal) -> Diagnostics {
        let severity = self.severity_of(&refusal);
        let diagnostics = refusal::report(refusal, self.policy).await;
        let diagnostics =
            diagnostics.into_iter().map(|diagnostic| Diagnostic { severity, ..diagnostic }).collect();
        match self.replaces {
            Some(old) => old_policy_kept(old, diagnostics),
            None => diagnostics,
        }
    }

    /// The severity of a refusal. A refusal is an error, with one exception: Terraform may be repeating this plan
    /// during the apply of a replacement with `create_before_destroy`, after it has deposed the old object. It restores
    /// the old object if the create fails, but not if the repeated plan fails. Therefore the refusal is a warning if no
    /// assignment would be lost, and the create then fails.
    fn severity_of(&self, refusal: &Refusal) -> Severity {
        let loses_nothing = match refusal {
            Refusal::AlreadyAssigned { missing, .. } => missing.as_ref().is_some_and(BTreeSet::is_empty),
            Refusal::NothingToOverwrite { .. } => true,
            Refusal::ChangedSincePlan { .. } | Refusal::UnknownTargetTypes { .. } => false,
        };
        let may_be_during_apply = self.stage == PlanStage::Unknown && self.replaces.is_none();
        if may_be_during_apply && loses_nothing { Severity::Warning } else { Severity::Error }
    }

    /// Warns about the assignments that `overwrite_existing` removes.
    async fn warn_about_overwritten(&self, live: &AssignmentRows) -> Diagnostics {
        let planned = self.assignments.as_deref().map(canonical).unwrap_or_default();
        let removed = guard::assignments_not_in(live, &planned);
        if removed.is_empty() {
            return Diagnostics::new();
        }
        let names = refusal::fetch_group_names(&removed, self.policy).await;
        will_overwrite(self.policy.id, &removed, &names).into()
    }
}

/// The warning that the policy of a create does not exist.
fn missing_policy_warning(policy: Policy<'_>) -> Diagnostic {
    Diagnostic::warning(
        format!("Policy {} does not exist", policy.id),
        "It was deleted or the id is wrong; apply will fail. If the policy is being created at this moment, apply \
         waits up to 2 minutes for it.",
    )
    .at(AttributePath::root(policy.kind.id_attribute))
}
