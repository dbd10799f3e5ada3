//! `defender_atp_configuration`: a Defender for Endpoint onboarding policy, which is an Intune device configuration.
//! Another resource, [`super::atp_assignment`], assigns it.

mod context;
mod create;
mod delete;
mod direct_assignments;
mod messages;
mod model;
mod names;
mod package_expiry;
mod plan_checks;
mod plan_destroy;
mod request_body;
mod rules;
mod schema;
mod secrecy;
mod spelling;
mod update;
mod validate;
mod validators;
mod values;

use async_trait::async_trait;

use crate::graph::PolicyId;
use crate::terraform::diagnostic::{Diagnostic, Diagnostics, quote};
use crate::terraform::resource::{
    DestroyPlan, ImportTarget, OperationFailure, PlanCheck, Resource, ResourceCall,
};
use crate::terraform::schema::{IdentitySchema, Schema};
use crate::terraform::validators::Validator;
use crate::terraform::value::Value;

use self::context::Context;
use self::model::ConfigurationModel;
use self::names::ID;
use super::session::Session;
use super::timeouts::Operation;

/// The resource type.
#[derive(Debug)]
pub struct AtpConfigurationResource;

#[async_trait]
impl Resource for AtpConfigurationResource {
    type Session = Session;
    type Model = ConfigurationModel;

    fn type_name(&self) -> &'static str {
        "defender_atp_configuration"
    }

    fn schema(&self) -> Schema {
        schema::resource()
    }

    fn identity_schema(&self) -> IdentitySchema {
        schema::identity()
    }

    fn identity(&self, state: &Value) -> Value {
        let id = match state.attribute(ID) {
            Some(Value::String(id)) => Value::string(PolicyId::new(id).as_str()),
            Some(id) => id.clone(),
            None => Value::Null,
        };
        Value::object([(ID, id)])
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        validate::check(config)
    }

    async fn check_plan(&self, call: &mut ResourceCall<'_, Session>, check: PlanCheck<'_>) -> Diagnostics {
        Box::pin(plan_checks::check(call, check)).await
    }

    async fn plan_destroy(&self, call: Option<&mut ResourceCall<'_, Session>>, prior: &Value) -> DestroyPlan {
        Box::pin(plan_destroy::plan(call, prior)).await
    }

    async fn create(
        &self,
        call: &mut ResourceCall<'_, Session>,
        planned: ConfigurationModel,
    ) -> Result<ConfigurationModel, OperationFailure<ConfigurationModel>> {
        create::create(call, planned).await
    }

    async fn read(
        &self,
        call: &mut ResourceCall<'_, Session>,
        current: ConfigurationModel,
    ) -> Result<Option<ConfigurationModel>, Diagnostics> {
        let context = Context::new(call, Operation::Read, &current.timeouts);
        let id = current.id.clone().unwrap_or_default();
        let read = context.within_deadline(&format!("policy {id}"), context.read(&id)).await?;
        Ok(read.map(|policy| current.refreshed(&policy)))
    }

    async fn update(
        &self,
        call: &mut ResourceCall<'_, Session>,
        prior: ConfigurationModel,
        planned: ConfigurationModel,
    ) -> Result<ConfigurationModel, OperationFailure<ConfigurationModel>> {
        update::update(call, prior, planned).await
    }

    async fn delete(
        &self,
        call: &mut ResourceCall<'_, Session>,
        prior: ConfigurationModel,
    ) -> Result<(), OperationFailure<ConfigurationModel>> {
        delete::delete(call, prior).await
    }

    async fn import(
        &self,
        call: &mut ResourceCall<'_, Session>,
        target: ImportTarget,
    ) -> Result<ConfigurationModel, Diagnostics> {
        let model = ConfigurationModel::from_policy_id(parse_import_id(&target)?);
        let context = Context::new(call, Operation::Read, &model.timeouts);
        let id = model.id.clone().unwrap_or_default();
        let read = context.within_deadline(&format!("policy {id}"), context.read(&id)).await?;
        match read {
            Some(policy) => Ok(model.refreshed(&policy)),
            None => Err(not_found(&id).into()),
        }
    }
}

fn parse_import_id(target: &ImportTarget) -> Result<String, Diagnostic> {
    let id = match target {
        ImportTarget::Id(id) => id.as_str(),
        ImportTarget::Identity(identity) => {
            identity.attribute(ID).and_then(Value::as_str).unwrap_or_default()
        }
    };
    let Some(violation) = schema::policy_id().check(&Value::string(id)) else {
        return Ok(id.to_ascii_lowercase());
    };
    let hint = violation.hint.map(|hint| format!(" {hint}")).unwrap_or_default();
    Err(Diagnostic::error(
        "The import id is not the id of a policy",
        format!("The id is {}.{hint} {} Nothing was imported.", quote(id), violation.rule),
    ))
}

fn not_found(id: &str) -> Diagnostic {
    Diagnostic::error(
        format!("Policy {id} does not exist"),
        "Intune has no such policy.\nNext: check the id, and whether the token belongs to the right tenant. Nothing was \
         imported.",
    )
}
