//! `defender_atp_assignment`: all direct assignments of one Defender for Endpoint onboarding policy.
//!
//! This file maps Terraform's operations to the modules of this folder, which compare, guard, write and describe
//! assignments.

mod create;
mod delete;
mod from_graph;
mod guard;
mod listed;
mod messages;
mod model;
mod names;
mod new_state;
mod operation_context;
mod plan_guard;
mod planned_private;
mod planned_values;
mod planned_write;
mod policy;
mod policy_locks;
mod preflight;
mod refusal;
mod schema;
mod spelling;
mod to_graph;
mod validate;
mod validators;
mod write;
mod write_failure;

use async_trait::async_trait;

use crate::graph::PolicyId;
use crate::terraform::diagnostic::{Diagnostic, Diagnostics, quote};
use crate::terraform::plan::Plan;
use crate::terraform::resource::{ImportTarget, Model, OperationFailure, PlanCheck, Resource, ResourceCall};
use crate::terraform::schema::{IdentitySchema, Schema};
use crate::terraform::validators::Validator;
use crate::terraform::value::Value;

use super::assignments::policy_records::CreateStatus;
use super::session::Session;

use self::guard::MayReplace;
use self::messages::{managed_twice, stays_assigned};
use self::model::{AtpAssignmentModel, Operation, entering_groups};
use self::names::DEVICE_CONFIGURATION_ID;
use self::new_state::{applied, refreshed, state_after};
use self::operation_context::OperationContext;
use self::planned_private::PlannedPrivate;
use self::planned_write::PlannedWrite;
use self::policy_locks::{PolicyLocks, acquire_lock};

/// The resource type. It lives longer than one configuration of the provider, so all of them share the locks.
#[derive(Debug, Default)]
pub struct AtpAssignment {
    locks: PolicyLocks,
}

impl AtpAssignment {
    /// The resource type without locked policies.
    pub fn new() -> Self {
        Self::default()
    }
}

#[async_trait]
impl Resource for AtpAssignment {
    type Session = Session;
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
            Some(Value::String(id)) => Value::string(PolicyId::new(id).as_str()),
            Some(id) => id.clone(),
            None => Value::Null,
        };
        Value::object([(DEVICE_CONFIGURATION_ID, id)])
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        validate::check(config)
    }

    fn modify_plan(&self, plan: &mut Plan) -> Diagnostics {
        planned_values::set_planned_values(plan);
        Diagnostics::new()
    }

    async fn check_plan(&self, call: &mut ResourceCall<'_, Session>, check: PlanCheck<'_>) -> Diagnostics {
        // Three concurrent look-ups make a large future.
        Box::pin(preflight::check(call, check)).await
    }

    fn plan_destroy(&self, session: Option<&Session>, prior: &Value) -> Diagnostics {
        let Ok(model) = AtpAssignmentModel::from_value(prior) else { return Diagnostics::new() };
        let id = &model.device_configuration_id;
        let stays = model.skip_destroy == Some(true);
        let conflict = session.and_then(|session| plan_guard::record_destroy(session, id, stays));
        let warning = stays.then(|| stays_assigned(id));
        conflict.into_iter().chain(warning).collect()
    }

    fn plan_private(&self, session: Option<&Session>, check: PlanCheck<'_>) -> Option<Vec<u8>> {
        PlannedPrivate::of_plan(session, check).to_bytes()
    }

    async fn create(
        &self,
        call: &mut ResourceCall<'_, Session>,
        planned: AtpAssignmentModel,
    ) -> Result<AtpAssignmentModel, OperationFailure<AtpAssignmentModel>> {
        call.session.assignments.policies.record_apply();
        create::create(&self.locks, call, planned).await
    }

    async fn read(
        &self,
        call: &mut ResourceCall<'_, Session>,
        current: AtpAssignmentModel,
    ) -> Result<Option<AtpAssignmentModel>, Diagnostics> {
        let session = call.session;
        let context = OperationContext::new(session, Operation::Read, &current.timeouts, &call.stop);
        let policy = context.policy(&current.device_configuration_id);
        let reading = async {
            let unchanged = listed::is_unchanged(session, policy.client, &current).await;
            if unchanged.map_err(|error| policy.unreadable("reading its assignments", &error))? {
                return Ok(Some(current.clone()));
            }
            let rows = policy.rows_if_it_exists(current.has_rows()).await?;
            Ok(rows.map(|rows| refreshed(current.clone(), &rows)))
        };
        let read = context.within_deadline(policy, reading).await?;
        if let Some(model) = &read
            && session.assignments.policies.record_read(policy.id, model.assignments_value())
        {
            call.warnings.push(managed_twice(policy.id));
        }
        Ok(read)
    }

    async fn update(
        &self,
        call: &mut ResourceCall<'_, Session>,
        prior: AtpAssignmentModel,
        planned: AtpAssignmentModel,
    ) -> Result<AtpAssignmentModel, OperationFailure<AtpAssignmentModel>> {
        let (session, stop) = (call.session, &mut call.stop);
        session.assignments.policies.record_apply();
        let context = OperationContext::new(session, Operation::Update, &planned.timeouts, stop);
        let policy = context.policy(&planned.device_configuration_id);
        let prepared = async {
            let lock = acquire_lock(&self.locks, policy, stop).await?;
            let entering = entering_groups(&planned.assignments, &prior.assignments);
            policy.wait_for_groups(&entering, context.deadline, stop).await?;
            Ok((lock, policy.read_live().await?))
        };
        let (_lock, live_read) = context.within_deadline(policy, prepared).await?;
        let may_replace = MayReplace::Only(&prior.assignments);
        let write =
            PlannedWrite { policy, planned: &planned.assignments, may_replace, operation: Operation::Update };
        let written = write
            .run(live_read, context.deadline, stop)
            .await
            .map_err(|failure| state_after(failure, &prior))?;
        session.assignments.policies.record_create(policy.id, CreateStatus::Succeeded);
        session.assignments.policies.record_written_set(policy.id, written.rows.fingerprint());
        Ok(applied(planned, &written.rows))
    }

    async fn delete(
        &self,
        call: &mut ResourceCall<'_, Session>,
        prior: AtpAssignmentModel,
    ) -> Result<(), OperationFailure<AtpAssignmentModel>> {
        call.session.assignments.policies.record_apply();
        delete::delete(&self.locks, call, prior).await
    }

    async fn import(
        &self,
        call: &mut ResourceCall<'_, Session>,
        target: ImportTarget,
    ) -> Result<AtpAssignmentModel, Diagnostics> {
        let session = call.session;
        let id = imported_id(&target)?;
        let model = AtpAssignmentModel::of_policy(id);
        let context = OperationContext::new(session, Operation::Read, &model.timeouts, &call.stop);
        let policy = context.policy(&model.device_configuration_id);
        context.within_deadline(policy, policy.check_type()).await?;
        Ok(model)
    }
}

/// Returns the policy's id of an import as the user spells it.
fn imported_id(target: &ImportTarget) -> Result<String, Diagnostic> {
    let id = match target {
        ImportTarget::Id(id) => id.as_str(),
        ImportTarget::Identity(identity) => {
            identity.attribute(DEVICE_CONFIGURATION_ID).and_then(Value::as_str).unwrap_or_default()
        }
    };
    let Some(violation) = schema::policy_id().check(&Value::string(id)) else { return Ok(id.to_owned()) };
    let hint = violation.hint.map(|hint| format!(" {hint}")).unwrap_or_default();
    Err(Diagnostic::error(
        "The import id is not the id of a policy",
        format!("The id is {}.{hint} {} Nothing was imported.", quote(id), violation.rule),
    ))
}
