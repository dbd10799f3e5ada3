//! `defender_atp_assignment`: all direct assignments of one Defender for Endpoint onboarding policy.
//!
//! Each operation is a short story of typed steps; how rows are compared and spelled, written and checked stands in
//! the modules beside.

mod from_graph;
mod guard;
mod listed;
mod messages;
mod model;
mod names;
mod policy;
mod policy_locks;
mod preflight;
mod schema;
mod spelling;
mod to_graph;
mod validate;
mod validators;
mod write;

use std::collections::BTreeSet;

use async_trait::async_trait;
use tokio::sync::OwnedMutexGuard;

use crate::terraform::diagnostic::{Diagnostic, Diagnostics};
use crate::terraform::plan::Plan;
use crate::terraform::resource::{Call, Failure, ImportTarget, Model, PlanCheck, Resource};
use crate::terraform::schema::{IdentitySchema, Schema};
use crate::terraform::stop::StopSignal;
use crate::terraform::validators::is_guid;
use crate::terraform::value::Value;

use super::session::{Claim, Session};

use self::from_graph::Rows;
use self::messages::{
    failed_elsewhere, interrupted, managed_elsewhere, managed_twice, stays_assigned, timed_out,
};
use self::model::{AtpAssignmentModel, Operation};
use self::names::{ASSIGNMENT_IDS, ASSIGNMENTS, DEVICE_CONFIGURATION_ID, ID, INHERITED_ASSIGNMENTS};
use self::policy::Policy;
use self::policy_locks::PolicyLocks;
use self::write::{Write, WriteFailure};

/// The resource type. It outlives configurations of the provider, and with it the turns of writers.
#[derive(Debug, Default)]
pub struct AtpAssignment {
    locks: PolicyLocks,
}

impl AtpAssignment {
    /// Nobody writes yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Waits until nobody else writes the policy.
    async fn turn(
        &self,
        policy: Policy<'_>,
        stop: &mut StopSignal,
    ) -> Result<OwnedMutexGuard<()>, Diagnostics> {
        tokio::select! {
            turn = self.locks.lock(policy.id) => Ok(turn),
            () = stop.stopped() => Err(interrupted(policy.id).into()),
        }
    }
}

#[async_trait]
impl Resource for AtpAssignment {
    type Client = Session;
    type Model = AtpAssignmentModel;

    fn type_name(&self) -> &'static str {
        "defender_atp_assignment"
    }

    fn schema(&self) -> Schema {
        schema::resource()
    }

    fn identity_schema(&self) -> IdentitySchema {
        schema::identity()
    }

    fn identity(&self, state: &Value) -> Value {
        let id = match state.attribute(DEVICE_CONFIGURATION_ID) {
            Some(Value::String(id)) => Value::string(id.to_ascii_lowercase()),
            Some(id) => id.clone(),
            None => Value::Null,
        };
        Value::object([(DEVICE_CONFIGURATION_ID, id)])
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        validate::check(config)
    }

    /// `id` is the policy's id. What the service decides stays as it is unless targets change: the next refresh
    /// brings news, and a plan that only sets a switch shows nothing else.
    fn modify_plan(&self, plan: &mut Plan) -> Diagnostics {
        plan.set(ID, plan.planned(DEVICE_CONFIGURATION_ID).clone());
        if !plan.changes(ASSIGNMENTS) && !plan.changes(DEVICE_CONFIGURATION_ID) {
            plan.keep_prior(ASSIGNMENT_IDS);
            plan.keep_prior(INHERITED_ASSIGNMENTS);
        }
        Diagnostics::new()
    }

    async fn check_plan(&self, call: &mut Call<'_, Session>, check: PlanCheck<'_>) -> Diagnostics {
        // Three looks at once make a large future.
        Box::pin(preflight::check(call, check)).await
    }

    fn plan_destroy(&self, prior: &Value) -> Diagnostics {
        match AtpAssignmentModel::from_value(prior) {
            Ok(model) if model.skip_destroy == Some(true) => {
                stays_assigned(&model.device_configuration_id).into()
            }
            _ => Diagnostics::new(),
        }
    }

    async fn create(
        &self,
        call: &mut Call<'_, Session>,
        planned: AtpAssignmentModel,
    ) -> Result<AtpAssignmentModel, Diagnostics> {
        let Call { client: session, stop, .. } = call;
        let deadline = session.deadline(planned.timeouts.limit(Operation::Create));
        let graph = session.graph.patient(deadline.patience(stop));
        let policy = Policy::new(&graph, &planned.device_configuration_id);
        let prepared = async {
            let turn = self.turn(policy, stop).await?;
            session.note_attempt(policy.id);
            let live = policy.find(&entering_groups(&planned, None), deadline, stop).await?;
            let live = policy.caught_up(live, session.last_set(policy.id), deadline, stop).await;
            match guard::create(&planned, &live) {
                Ok(()) => Ok((turn, live)),
                Err(refusal) => Err(guard::report(refusal, policy.client, policy.id).await),
            }
        };
        let prepared = deadline.within(prepared).await;
        let (_turn, live) =
            prepared.unwrap_or_else(|| Err(timed_out(Operation::Create, deadline, policy.id)))?;
        let write = Write { policy, wanted: &planned.assignments, live: &live, operation: Operation::Create };
        let rows = write.run(deadline, stop).await.map_err(WriteFailure::into_diagnostics)?;
        session.note_applied(policy.id);
        session.note_set(policy.id, rows.printed());
        Ok(applied(planned, &rows))
    }

    async fn read(
        &self,
        call: &mut Call<'_, Session>,
        current: AtpAssignmentModel,
    ) -> Result<Option<AtpAssignmentModel>, Diagnostics> {
        let session = call.client;
        let deadline = session.deadline(current.timeouts.limit(Operation::Read));
        let graph = session.graph.patient(deadline.patience(&call.stop));
        let policy = Policy::new(&graph, &current.device_configuration_id);
        if session.reads_again(policy.id) {
            call.warnings.push(managed_twice(policy.id));
        }
        let reading = async {
            let unchanged = listed::is_unchanged(session, policy.client, &current).await;
            if unchanged.map_err(|error| policy.unreadable("reading its assignments", &error))? {
                return Ok(Some(current.clone()));
            }
            let rows = policy.rows_if_it_exists(current.has_rows()).await?;
            Ok(rows.map(|rows| refreshed(current.clone(), &rows)))
        };
        let read = deadline.within(reading).await;
        read.unwrap_or_else(|| Err(timed_out(Operation::Read, deadline, policy.id)))
    }

    async fn update(
        &self,
        call: &mut Call<'_, Session>,
        prior: AtpAssignmentModel,
        planned: AtpAssignmentModel,
    ) -> Result<AtpAssignmentModel, Failure<AtpAssignmentModel>> {
        let Call { client: session, stop, .. } = call;
        let deadline = session.deadline(planned.timeouts.limit(Operation::Update));
        let graph = session.graph.patient(deadline.patience(stop));
        let policy = Policy::new(&graph, &planned.device_configuration_id);
        let prepared = async {
            let turn = self.turn(policy, stop).await?;
            let entering = entering_groups(&planned, Some(&prior));
            policy.wait_for_groups(&entering, deadline, stop).await?;
            let live = policy.rows().await?;
            let live = policy.caught_up(live, session.last_set(policy.id), deadline, stop).await;
            match guard::change(&prior.assignments, &planned.assignments, &live) {
                Ok(()) => Ok((turn, live)),
                Err(refusal) => Err(guard::report(refusal, policy.client, policy.id).await),
            }
        };
        let prepared = deadline.within(prepared).await;
        let (_turn, live) =
            prepared.unwrap_or_else(|| Err(timed_out(Operation::Update, deadline, policy.id)))?;
        let write = Write { policy, wanted: &planned.assignments, live: &live, operation: Operation::Update };
        let rows = write.run(deadline, stop).await.map_err(|failure| failure.into_state(&prior))?;
        session.note_applied(policy.id);
        session.note_set(policy.id, rows.printed());
        Ok(applied(planned, &rows))
    }

    async fn delete(
        &self,
        call: &mut Call<'_, Session>,
        prior: AtpAssignmentModel,
    ) -> Result<(), Failure<AtpAssignmentModel>> {
        let Call { client: session, stop, warnings } = call;
        let deadline = session.deadline(prior.timeouts.limit(Operation::Delete));
        let graph = session.graph.patient(deadline.patience(stop));
        let policy = Policy::new(&graph, &prior.device_configuration_id);
        if prior.skip_destroy == Some(true) {
            warnings.push(stays_assigned(policy.id));
            return Ok(());
        }
        let prepared = async {
            let turn = self.turn(policy, stop).await?;
            if session.claim(policy.id) == Claim::Applied {
                warnings.push(managed_elsewhere(policy.id));
                return Ok(None);
            }
            let Some(live) = policy.rows_if_it_exists(false).await? else { return Ok(None) };
            let live = policy.caught_up(live, session.last_set(policy.id), deadline, stop).await;
            match guard::change(&prior.assignments, &[], &live) {
                Ok(()) if session.claim(policy.id) == Claim::Attempted => {
                    Err(failed_elsewhere(policy.id).into())
                }
                Ok(()) => Ok(Some((turn, live))),
                Err(refusal) => Err(guard::report(refusal, policy.client, policy.id).await),
            }
        };
        let prepared = deadline.within(prepared).await;
        let prepared = prepared.unwrap_or_else(|| Err(timed_out(Operation::Delete, deadline, policy.id)))?;
        let Some((_turn, live)) = prepared else { return Ok(()) };
        let write = Write { policy, wanted: &[], live: &live, operation: Operation::Delete };
        match write.run(deadline, stop).await {
            Ok(rows) => session.note_set(policy.id, rows.printed()),
            Err(failure) if failure.policy_is_gone => {}
            Err(failure) => return Err(failure.into_state(&prior)),
        }
        Ok(())
    }

    async fn import(
        &self,
        call: &mut Call<'_, Session>,
        target: ImportTarget,
    ) -> Result<AtpAssignmentModel, Diagnostics> {
        let session = call.client;
        let id = imported_id(&target)?;
        let model = AtpAssignmentModel::of_policy(id);
        let deadline = session.deadline(model.timeouts.limit(Operation::Read));
        let graph = session.graph.patient(deadline.patience(&call.stop));
        let policy = Policy::new(&graph, &model.device_configuration_id);
        let checked = deadline.within(policy.check_type()).await;
        checked.unwrap_or_else(|| Err(timed_out(Operation::Read, deadline, policy.id)))?;
        Ok(model)
    }
}

/// The groups that enter the set. One that was there before and has been deleted since never blocks a write.
fn entering_groups(planned: &AtpAssignmentModel, prior: Option<&AtpAssignmentModel>) -> Vec<String> {
    let groups = |model: &AtpAssignmentModel| -> BTreeSet<String> {
        model.assignments.iter().filter_map(|row| Some(row.group_id.as_ref()?.to_ascii_lowercase())).collect()
    };
    let before = prior.map(groups).unwrap_or_default();
    groups(planned).difference(&before).cloned().collect()
}

/// The state after a write: as planned, with what the service decided where the plan left it open.
fn applied(planned: AtpAssignmentModel, rows: &Rows) -> AtpAssignmentModel {
    AtpAssignmentModel {
        assignment_ids: planned.assignment_ids.or_else(|| Some(rows.assignment_ids())),
        inherited_assignments: planned.inherited_assignments.or_else(|| Some(rows.inherited.clone())),
        ..planned
    }
}

/// The state as the service has it, in the spelling of the state before.
fn refreshed(current: AtpAssignmentModel, rows: &Rows) -> AtpAssignmentModel {
    AtpAssignmentModel {
        assignments: rows.assignments(&current.assignments),
        assignment_ids: Some(rows.assignment_ids()),
        inherited_assignments: Some(rows.inherited.clone()),
        ..current
    }
}

/// The policy's id out of an import, in the user's spelling.
fn imported_id(target: &ImportTarget) -> Result<String, Diagnostic> {
    let id = match target {
        ImportTarget::Id(id) => id.as_str(),
        ImportTarget::Identity(identity) => {
            identity.attribute(DEVICE_CONFIGURATION_ID).and_then(Value::as_str).unwrap_or_default()
        }
    };
    if is_guid(id) {
        return Ok(id.to_owned());
    }
    Err(Diagnostic::error(
        "The import id is not the id of a policy",
        format!(
            "The id is {id:?}. Give the policy's id alone, a GUID such as \"0b8a3d5e-1f2c-4d6b-9a70-5c3e8f1d2b4a\". \
             It stands in the address of the policy's page in the Intune admin centre. Nothing was imported."
        ),
    ))
}
