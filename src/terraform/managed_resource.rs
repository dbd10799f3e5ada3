//! Adapts a [`Resource`] for `protocol`: values instead of the typed model.
//!
//! Holds the rules that Terraform sets for every resource: the state after a failed operation, when an object counts
//! as deleted, and which private data and identity accompany a state.

use std::sync::OnceLock;

use async_trait::async_trait;

use super::diagnostic::{Diagnostic, Diagnostics};
use super::plan::Plan;
use super::resource::{
    DestroyPlan, ImportTarget, Model, OperationFailure, PlanCheck, Resource, ResourceCall, StateUpgrade,
};
use super::resource_requests::{
    ApplyRequest, ApplyResponse, ClientCapabilities, ImportResponse, PlanRequest, PlanResponse, ReadRequest,
    ReadResponse,
};
use super::schema::{IdentitySchema, Schema};
use super::stop::StopSignal;
use super::ty::Type;
use super::validate;
use super::value::Value;

/// The private data of every stored state, and of every plan for which the resource supplies none. It is never empty,
/// because the private data of the first call is all that identifies the second call of a replacement.
pub const PRIVATE_MARKER: &[u8] = br#"{"planned":true}"#;

/// The static properties of a resource type.
#[derive(Debug)]
pub struct Definition {
    /// The full type name, including the provider's prefix.
    pub type_name: &'static str,
    /// The schema of the current version.
    pub schema: Schema,
    ty: OnceLock<Type>,
    /// The schema of the identity.
    pub identity_schema: IdentitySchema,
    /// The type of the identity.
    pub identity_ty: Type,
    upgrades: Vec<StateUpgrade>,
}

/// A resource type without its model. `S` is the session that is available once the provider is configured.
#[async_trait]
pub trait ManagedResource<S>: Send + Sync {
    /// The static properties of the resource type.
    fn definition(&self) -> &Definition;

    /// Validates a configuration offline.
    fn validate(&self, config: &Value, capabilities: Option<ClientCapabilities>) -> Diagnostics;

    /// Upgrades a stored state, of the type [`Definition::stored_type`], to the current version.
    fn upgrade_state(&self, version: i64, stored: Value) -> Result<Value, Diagnostic>;

    /// The identity of a state. `None` if the state is null or its identity not wholly known.
    fn identity(&self, state: &Value) -> Option<Value>;

    /// Plans a create, update or destroy. Without a session, while the provider is not configured, only offline checks
    /// run.
    async fn plan(&self, session: Option<&S>, stop: StopSignal, request: PlanRequest) -> PlanResponse;

    /// Refreshes a state.
    async fn read(&self, session: &S, stop: StopSignal, request: ReadRequest) -> ReadResponse;

    /// Creates, updates or deletes the object.
    async fn apply(&self, session: &S, stop: StopSignal, request: ApplyRequest) -> ApplyResponse;

    /// Imports an existing object.
    async fn import(&self, session: &S, stop: StopSignal, target: ImportTarget) -> ImportResponse;
}

/// Implements [`ManagedResource`] for any [`Resource`].
#[derive(Debug)]
pub struct Managed<R> {
    resource: R,
    definition: Definition,
}

impl Definition {
    /// The type of a state of the current version.
    pub fn ty(&self) -> &Type {
        self.ty.get_or_init(|| self.schema.ty())
    }

    /// The type of a stored state of this version; `None` if there is no upgrade from it.
    pub fn stored_type(&self, version: i64) -> Option<&Type> {
        if version == self.schema.version {
            return Some(self.ty());
        }
        self.upgrade_from(version).map(|upgrade| &upgrade.ty)
    }

    fn upgrade_from(&self, version: i64) -> Option<&StateUpgrade> {
        self.upgrades.iter().find(|upgrade| upgrade.from_version == version)
    }
}

impl<R: Resource> Managed<R> {
    /// Adapts a resource.
    pub fn new(resource: R) -> Self {
        let schema = resource.schema();
        let identity_schema = resource.identity_schema();
        let definition = Definition {
            type_name: resource.type_name(),
            ty: OnceLock::new(),
            schema,
            identity_ty: identity_schema.ty(),
            identity_schema,
            upgrades: resource.state_upgrades(),
        };
        Self { resource, definition }
    }

    async fn plan_destroy(
        &self,
        session: Option<&R::Session>,
        stop: StopSignal,
        request: PlanRequest,
    ) -> PlanResponse {
        let mut call = session.map(|session| ResourceCall::new(session, stop));
        let DestroyPlan { diagnostics: errors, private } =
            self.resource.plan_destroy(call.as_mut(), &request.prior_state).await;
        let mut diagnostics = call.map(|call| call.warnings).unwrap_or_default();
        diagnostics.extend(errors);
        PlanResponse {
            planned_state: Value::Null,
            requires_replace: Vec::new(),
            planned_private: private.unwrap_or_else(|| PRIVATE_MARKER.to_vec()),
            planned_identity: request.prior_identity,
            diagnostics,
        }
    }

    async fn create(&self, call: &mut ResourceCall<'_, R::Session>, planned: &Value) -> (Value, Diagnostics) {
        let created = match R::Model::from_value(planned) {
            Ok(planned) => self.resource.create(call, planned).await,
            Err(diagnostic) => Err(Diagnostics::from(diagnostic).into()),
        };
        match created {
            Ok(model) => (model.to_value(), Diagnostics::new()),
            Err(failure) => state_after_failure(failure, &Value::Null),
        }
    }

    async fn update(
        &self,
        call: &mut ResourceCall<'_, R::Session>,
        prior: &Value,
        planned: &Value,
    ) -> (Value, Diagnostics) {
        let updated = match (R::Model::from_value(prior), R::Model::from_value(planned)) {
            (Ok(prior), Ok(planned)) => self.resource.update(call, prior, planned).await,
            (Err(diagnostic), _) | (_, Err(diagnostic)) => Err(Diagnostics::from(diagnostic).into()),
        };
        match updated {
            Ok(model) => (model.to_value(), Diagnostics::new()),
            Err(failure) => state_after_failure(failure, prior),
        }
    }

    async fn delete(&self, call: &mut ResourceCall<'_, R::Session>, prior: &Value) -> (Value, Diagnostics) {
        let deleted = match R::Model::from_value(prior) {
            Ok(prior) => self.resource.delete(call, prior).await,
            Err(diagnostic) => Err(Diagnostics::from(diagnostic).into()),
        };
        match deleted {
            Ok(()) => (Value::Null, Diagnostics::new()),
            Err(failure) => state_after_failure(failure, prior),
        }
    }
}

#[async_trait]
impl<R: Resource> ManagedResource<R::Session> for Managed<R> {
    fn definition(&self) -> &Definition {
        &self.definition
    }

    fn validate(&self, config: &Value, capabilities: Option<ClientCapabilities>) -> Diagnostics {
        let block = &self.definition.schema.block;
        let mut diagnostics = validate::check(block, config);
        if !capabilities.is_some_and(|capabilities| capabilities.write_only_attributes_allowed) {
            diagnostics.extend(validate::refuse_write_only(block, config));
        }
        diagnostics.extend(self.resource.validate(config));
        diagnostics
    }

    fn upgrade_state(&self, version: i64, stored: Value) -> Result<Value, Diagnostic> {
        match self.definition.upgrade_from(version) {
            Some(upgrade) if version != self.definition.schema.version => (upgrade.upgrade)(stored),
            _ => Ok(stored),
        }
    }

    fn identity(&self, state: &Value) -> Option<Value> {
        let identity = (!state.is_null()).then(|| self.resource.identity(state));
        identity.filter(Value::is_wholly_known)
    }

    async fn plan(
        &self,
        session: Option<&R::Session>,
        stop: StopSignal,
        request: PlanRequest,
    ) -> PlanResponse {
        let stage = request.stage();
        if request.proposed_new_state.is_null() {
            return self.plan_destroy(session, stop, request).await;
        }
        let PlanRequest { config, prior_state, proposed_new_state, prior_private, planned_private, .. } =
            request;
        let mut plan = Plan::new(&self.definition.schema, config, prior_state, proposed_new_state);
        let mut diagnostics = self.resource.modify_plan(&mut plan);
        let check = PlanCheck { plan: &plan, stage, prior_private: &prior_private };
        if let Some(session) = session {
            let mut call = ResourceCall::new(session, stop);
            let errors = self.resource.check_plan(&mut call, check).await;
            diagnostics.extend(call.warnings);
            diagnostics.extend(errors);
        }
        let planned_private = if planned_private.is_empty() {
            self.resource.plan_private(session, check).unwrap_or_else(|| PRIVATE_MARKER.to_vec())
        } else {
            // Apply must use the private data of the plan that the user approved.
            planned_private
        };
        PlanResponse {
            planned_identity: self.identity(&plan.planned),
            planned_state: plan.planned,
            requires_replace: plan.requires_replace,
            planned_private,
            diagnostics,
        }
    }

    async fn read(&self, session: &R::Session, stop: StopSignal, request: ReadRequest) -> ReadResponse {
        let mut call = ResourceCall::new(session, stop);
        let read = match R::Model::from_value(&request.current_state) {
            Ok(current) => self.resource.read(&mut call, current).await,
            Err(diagnostic) => Err(diagnostic.into()),
        };
        let mut diagnostics = call.warnings;
        let (new_state, new_identity) = match read {
            Ok(model) => {
                let state = model.map_or(Value::Null, |model| model.to_value());
                let identity = self.identity(&state);
                (state, identity)
            }
            Err(errors) => {
                diagnostics.extend(errors);
                (request.current_state, request.current_identity)
            }
        };
        ReadResponse { new_state, private: request.private, new_identity, diagnostics }
    }

    async fn apply(&self, session: &R::Session, stop: StopSignal, request: ApplyRequest) -> ApplyResponse {
        let ApplyRequest { prior_state: prior, planned_state: planned, config, planned_private } = request;
        let mut call = ResourceCall {
            planned_private: &planned_private,
            config: &config,
            ..ResourceCall::new(session, stop)
        };
        let (new_state, errors) = match (prior.is_null(), planned.is_null()) {
            (_, true) => self.delete(&mut call, &prior).await,
            (true, false) => self.create(&mut call, &planned).await,
            (false, false) => self.update(&mut call, &prior, &planned).await,
        };
        let mut diagnostics = call.warnings;
        diagnostics.extend(errors);
        let new_identity = self.identity(&new_state);
        ApplyResponse { new_state, private: PRIVATE_MARKER.to_vec(), new_identity, diagnostics }
    }

    async fn import(&self, session: &R::Session, stop: StopSignal, target: ImportTarget) -> ImportResponse {
        let mut call = ResourceCall::new(session, stop);
        let imported = self.resource.import(&mut call, target).await;
        let mut diagnostics = call.warnings;
        let state = match imported {
            Ok(model) => model.to_value(),
            Err(errors) => {
                diagnostics.extend(errors);
                Value::Null
            }
        };
        let identity = self.identity(&state);
        ImportResponse { state, private: PRIVATE_MARKER.to_vec(), identity, diagnostics }
    }
}

/// The state after a failed operation: the actual state, or the prior state if nothing was written.
fn state_after_failure<M: Model>(failure: OperationFailure<M>, prior: &Value) -> (Value, Diagnostics) {
    let state = failure.state.map_or_else(|| prior.clone(), |model| model.to_value());
    (state, failure.diagnostics)
}
