//! The resource type for a kind of policy. Maps Terraform's operations to the other files of this folder.

use std::fmt;
use std::marker::PhantomData;

use async_trait::async_trait;

use crate::graph::PolicyId;
use crate::resources::session::Session;
use crate::terraform::diagnostic::{Diagnostic, Diagnostics};
use crate::terraform::plan::Plan;
use crate::terraform::resource::{
    DestroyPlan, ImportTarget, Model, OperationFailure, PlanCheck, Resource, ResourceCall,
};
use crate::terraform::schema::{IdentitySchema, Schema};
use crate::terraform::value::Value;

use super::kind::Kind;
use super::messages::stays_assigned;
use super::model::AssignmentModel;
use super::plan_guard;
use super::planned_private::PlannedPrivate;
use super::policy_locks::PolicyLocks;
use super::{create, delete, import, planned_values, preflight, read, schema, update, validate};

/// The resource type for a kind of policy. One instance serves all configurations of the provider, so that they share
/// its locks.
pub struct AssignmentResource<K> {
    locks: PolicyLocks,
    kind: PhantomData<fn() -> K>,
}

/// An [`AssignmentModel`] whose kind is a type parameter, so that [`Model::from_value`] needs no instance of the
/// resource.
pub struct KindModel<K> {
    model: AssignmentModel,
    kind: PhantomData<fn() -> K>,
}

impl<K> AssignmentResource<K> {
    /// A resource type without locked policies.
    pub fn new() -> Self {
        Self { locks: PolicyLocks::default(), kind: PhantomData }
    }
}

impl<K> Default for AssignmentResource<K> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K> KindModel<K> {
    fn new(model: AssignmentModel) -> Self {
        Self { model, kind: PhantomData }
    }
}

impl<K> fmt::Debug for KindModel<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.model.fmt(f)
    }
}

impl<K: Kind> Model for KindModel<K> {
    fn from_value(value: &Value) -> Result<Self, Diagnostic> {
        AssignmentModel::from_value(K::KIND, value).map(Self::new)
    }

    fn to_value(&self) -> Value {
        self.model.to_value()
    }
}

#[async_trait]
impl<K: Kind> Resource for AssignmentResource<K> {
    type Session = Session;
    type Model = KindModel<K>;

    fn type_name(&self) -> &'static str {
        K::KIND.resource_type
    }

    fn schema(&self) -> Schema {
        schema::resource(K::KIND)
    }

    fn identity_schema(&self) -> IdentitySchema {
        schema::identity(K::KIND)
    }

    fn identity(&self, state: &Value) -> Value {
        let id = match state.attribute(K::KIND.id_attribute) {
            Some(Value::String(id)) => Value::string(PolicyId::new(id).as_str()),
            Some(id) => id.clone(),
            None => Value::Null,
        };
        Value::object([(K::KIND.id_attribute, id)])
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        validate::check(K::KIND, config)
    }

    fn modify_plan(&self, plan: &mut Plan) -> Diagnostics {
        planned_values::set_planned_values(K::KIND, plan);
        Diagnostics::new()
    }

    async fn check_plan(&self, call: &mut ResourceCall<'_, Session>, check: PlanCheck<'_>) -> Diagnostics {
        // The future of the concurrent look-ups is large, so it is boxed.
        Box::pin(preflight::check(K::KIND, call, check)).await
    }

    async fn plan_destroy(&self, call: Option<&mut ResourceCall<'_, Session>>, prior: &Value) -> DestroyPlan {
        let Ok(model) = AssignmentModel::from_value(K::KIND, prior) else { return DestroyPlan::default() };
        let skips_destroy = model.skip_destroy == Some(true);
        let conflict = call.and_then(|call| plan_guard::record_destroy(call.session, &model, skips_destroy));
        let warning = skips_destroy.then(|| stays_assigned(&model.policy_id));
        conflict.into_iter().chain(warning).collect::<Diagnostics>().into()
    }

    fn plan_private(&self, session: Option<&Session>, check: PlanCheck<'_>) -> Option<Vec<u8>> {
        PlannedPrivate::from_plan(K::KIND, session, check).to_bytes()
    }

    async fn create(
        &self,
        call: &mut ResourceCall<'_, Session>,
        planned: KindModel<K>,
    ) -> Result<KindModel<K>, OperationFailure<KindModel<K>>> {
        call.session.assignments.record_apply();
        create::create(&self.locks, call, planned.model).await.map(KindModel::new).map_err(wrap_failure)
    }

    async fn read(
        &self,
        call: &mut ResourceCall<'_, Session>,
        current: KindModel<K>,
    ) -> Result<Option<KindModel<K>>, Diagnostics> {
        Ok(read::read(call, current.model).await?.map(KindModel::new))
    }

    async fn update(
        &self,
        call: &mut ResourceCall<'_, Session>,
        prior: KindModel<K>,
        planned: KindModel<K>,
    ) -> Result<KindModel<K>, OperationFailure<KindModel<K>>> {
        call.session.assignments.record_apply();
        let updated = update::update(&self.locks, call, prior.model, planned.model).await;
        updated.map(KindModel::new).map_err(wrap_failure)
    }

    async fn delete(
        &self,
        call: &mut ResourceCall<'_, Session>,
        prior: KindModel<K>,
    ) -> Result<(), OperationFailure<KindModel<K>>> {
        call.session.assignments.record_apply();
        delete::delete(&self.locks, call, prior.model).await.map_err(wrap_failure)
    }

    async fn import(
        &self,
        call: &mut ResourceCall<'_, Session>,
        target: ImportTarget,
    ) -> Result<KindModel<K>, Diagnostics> {
        import::import(K::KIND, call, &target).await.map(KindModel::new)
    }
}

/// Wraps the state of the failure in a [`KindModel`].
fn wrap_failure<K>(failure: OperationFailure<AssignmentModel>) -> OperationFailure<KindModel<K>> {
    let OperationFailure { diagnostics, state } = failure;
    OperationFailure { diagnostics, state: state.map(|model| Box::new(KindModel::new(*model))) }
}
