//! A resource as `protocol` calls it: values in, values out, whatever its model is.
//!
//! Here the rules stand that Terraform sets for every resource: what a failed operation leaves in state, when an
//! object counts as gone, which private data and identity go along. They hold for any [`Resource`].

use async_trait::async_trait;

use super::attribute_path::AttributePath;
use super::diagnostic::{Diagnostic, Diagnostics};
use super::plan::Plan;
use super::resource::{Call, Failure, ImportTarget, Model, PlanCheck, PlanStage, Resource, StateUpgrade};
use super::schema::{IdentitySchema, Schema};
use super::stop::StopSignal;
use super::ty::Type;
use super::validate;
use super::value::Value;

/// The private data of every stored state, and of every plan for which the resource has none of its own. It is never
/// empty, since Terraform shows the second call of a replacement by nothing but the private data of the first.
pub const PRIVATE_MARKER: &[u8] = br#"{"planned":true}"#;

/// What is fixed about a resource type.
#[derive(Debug)]
pub struct Definition {
    /// The full type name.
    pub type_name: &'static str,
    /// The schema of the current version.
    pub schema: Schema,
    /// The type of its states.
    pub ty: Type,
    /// The schema of its identity.
    pub identity_schema: IdentitySchema,
    /// The type of its identities.
    pub identity_ty: Type,
    upgrades: Vec<StateUpgrade>,
}

/// A refresh: state, private data and identity as stored.
#[derive(Debug, Clone)]
pub struct ReadRequest {
    /// The stored state, an object.
    pub current_state: Value,
    /// The stored private data.
    pub private: Vec<u8>,
    /// The stored identity, if there is one.
    pub current_identity: Option<Value>,
}

/// The answer to a refresh; everything in it replaces what is stored.
#[derive(Debug, Clone)]
pub struct ReadAnswer {
    /// Null: the object is gone.
    pub new_state: Value,
    /// Private data.
    pub private: Vec<u8>,
    /// Identity.
    pub new_identity: Option<Value>,
    /// Problems.
    pub diagnostics: Diagnostics,
}

/// The question for a plan. A null proposal asks for a destroy, a null prior state for a create.
#[derive(Debug, Clone)]
pub struct PlanRequest {
    /// What the user wrote.
    pub config: Value,
    /// The state before.
    pub prior_state: Value,
    /// The prior state with the configuration laid over it.
    pub proposed_new_state: Value,
    /// Private data of the prior state.
    pub prior_private: Vec<u8>,
    /// Identity of the prior state.
    pub prior_identity: Option<Value>,
    /// Private data of the plan that is being applied; empty in the plan that the user sees, and before Terraform 1.16.
    pub planned_private: Vec<u8>,
    /// What the client can do, if it says so: Terraform 1.9 and later.
    pub client_capabilities: Option<ClientCapabilities>,
}

/// What the client of a plan can do (tfplugin6, ClientCapabilities).
#[derive(Debug, Clone, Copy)]
pub struct ClientCapabilities {
    /// Deferred answers. Terraform 1.9 to 1.15 sets it inside apply, and otherwise only for an experiment.
    pub deferral_allowed: bool,
}

/// A plan.
#[derive(Debug, Clone)]
pub struct PlanAnswer {
    /// The state after, with unknowns; null for a destroy.
    pub planned_state: Value,
    /// Attributes whose change needs a new object.
    pub requires_replace: Vec<AttributePath>,
    /// Private data that comes back with the apply.
    pub planned_private: Vec<u8>,
    /// Identity after; `None` while it is not wholly known.
    pub planned_identity: Option<Value>,
    /// Problems.
    pub diagnostics: Diagnostics,
}

/// The order to apply a plan.
#[derive(Debug, Clone)]
pub struct ApplyRequest {
    /// The state before; null for a create.
    pub prior_state: Value,
    /// The planned state; null for a destroy.
    pub planned_state: Value,
    /// Private data of the plan.
    pub planned_private: Vec<u8>,
}

/// What an apply left.
#[derive(Debug, Clone)]
pub struct ApplyAnswer {
    /// The state after; null if there is nothing.
    pub new_state: Value,
    /// Private data.
    pub private: Vec<u8>,
    /// Identity.
    pub new_identity: Option<Value>,
    /// Problems.
    pub diagnostics: Diagnostics,
}

/// What an import found; a refresh follows at once.
#[derive(Debug, Clone)]
pub struct ImportAnswer {
    /// The first state; null only with an error.
    pub state: Value,
    /// Private data.
    pub private: Vec<u8>,
    /// Identity.
    pub identity: Option<Value>,
    /// Problems.
    pub diagnostics: Diagnostics,
}

/// A resource type behind one interface. `C` is what the provider hands over once it is configured.
#[async_trait]
pub trait ManagedResource<C>: Send + Sync {
    /// What is fixed about it.
    fn definition(&self) -> &Definition;

    /// Everything that can be found wrong offline.
    fn validate(&self, config: &Value) -> Diagnostics;

    /// Brings a stored state, decoded as [`Definition::stored_type`] says, to the current version.
    fn upgrade_state(&self, version: i64, stored: Value) -> Result<Value, Diagnostic>;

    /// The identity of a state; `None` if there is no state, or if the identity is not wholly known.
    fn identity(&self, state: &Value) -> Option<Value>;

    /// Plans a create, update or destroy.
    ///
    /// Without a client, while the provider is not configured, only what can be told offline is told.
    async fn plan(&self, client: Option<&C>, stop: StopSignal, request: PlanRequest) -> PlanAnswer;

    /// Refreshes.
    async fn read(&self, client: &C, stop: StopSignal, request: ReadRequest) -> ReadAnswer;

    /// Creates, updates or destroys.
    async fn apply(&self, client: &C, stop: StopSignal, request: ApplyRequest) -> ApplyAnswer;

    /// Starts the management of an existing object.
    async fn import(&self, client: &C, stop: StopSignal, target: ImportTarget) -> ImportAnswer;
}

/// A [`Resource`] as a [`ManagedResource`].
#[derive(Debug)]
pub struct Managed<R> {
    resource: R,
    definition: Definition,
}

impl Definition {
    /// The type in which a state of this version is stored; `None` if there is no way from it to the current version.
    pub fn stored_type(&self, version: i64) -> Option<&Type> {
        if version == self.schema.version {
            return Some(&self.ty);
        }
        self.upgrade_from(version).map(|upgrade| &upgrade.ty)
    }

    fn upgrade_from(&self, version: i64) -> Option<&StateUpgrade> {
        self.upgrades.iter().find(|upgrade| upgrade.from_version == version)
    }
}

impl<R: Resource> Managed<R> {
    /// Wraps a resource.
    pub fn new(resource: R) -> Self {
        let schema = resource.schema();
        let identity_schema = resource.identity_schema();
        let definition = Definition {
            type_name: resource.type_name(),
            ty: schema.ty(),
            schema,
            identity_ty: identity_schema.ty(),
            identity_schema,
            upgrades: resource.state_upgrades(),
        };
        Self { resource, definition }
    }

    async fn create(&self, call: &mut Call<'_, R::Client>, planned: &Value) -> (Value, Diagnostics) {
        let created = match R::Model::from_value(planned) {
            Ok(planned) => self.resource.create(call, planned).await,
            Err(diagnostic) => Err(Diagnostics::from(diagnostic).into()),
        };
        match created {
            Ok(model) => (model.to_value(), Diagnostics::new()),
            Err(failure) => left_by(failure, &Value::Null),
        }
    }

    async fn update(
        &self,
        call: &mut Call<'_, R::Client>,
        prior: &Value,
        planned: &Value,
    ) -> (Value, Diagnostics) {
        let updated = match (R::Model::from_value(prior), R::Model::from_value(planned)) {
            (Ok(prior), Ok(planned)) => self.resource.update(call, prior, planned).await,
            (Err(diagnostic), _) | (_, Err(diagnostic)) => Err(Diagnostics::from(diagnostic).into()),
        };
        match updated {
            Ok(model) => (model.to_value(), Diagnostics::new()),
            Err(failure) => left_by(failure, prior),
        }
    }

    async fn delete(&self, call: &mut Call<'_, R::Client>, prior: &Value) -> (Value, Diagnostics) {
        let deleted = match R::Model::from_value(prior) {
            Ok(prior) => self.resource.delete(call, prior).await,
            Err(diagnostic) => Err(Diagnostics::from(diagnostic).into()),
        };
        match deleted {
            Ok(()) => (Value::Null, Diagnostics::new()),
            Err(failure) => left_by(failure, prior),
        }
    }
}

#[async_trait]
impl<R: Resource> ManagedResource<R::Client> for Managed<R> {
    fn definition(&self) -> &Definition {
        &self.definition
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        let mut diagnostics = validate::check(&self.definition.schema.block, config);
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

    async fn plan(&self, client: Option<&R::Client>, stop: StopSignal, request: PlanRequest) -> PlanAnswer {
        let stage = request.stage();
        if request.proposed_new_state.is_null() {
            return PlanAnswer {
                planned_state: Value::Null,
                requires_replace: Vec::new(),
                planned_private: PRIVATE_MARKER.to_vec(),
                planned_identity: request.prior_identity,
                diagnostics: self.resource.plan_destroy(client, &request.prior_state),
            };
        }
        let PlanRequest { config, prior_state, proposed_new_state, prior_private, planned_private, .. } =
            request;
        let mut plan = Plan::new(&self.definition.schema, config, prior_state, proposed_new_state);
        let mut diagnostics = self.resource.modify_plan(&mut plan);
        let check = PlanCheck { plan: &plan, stage, prior_private: &prior_private };
        if let Some(client) = client {
            let mut call = Call::new(client, stop);
            let found = self.resource.check_plan(&mut call, check).await;
            diagnostics.extend(call.warnings);
            diagnostics.extend(found);
        }
        let planned_private = if planned_private.is_empty() {
            self.resource.plan_private(client, check).unwrap_or_else(|| PRIVATE_MARKER.to_vec())
        } else {
            // What the user saw is what is applied.
            planned_private
        };
        PlanAnswer {
            planned_identity: self.identity(&plan.planned),
            planned_state: plan.planned,
            requires_replace: plan.requires_replace,
            planned_private,
            diagnostics,
        }
    }

    async fn read(&self, client: &R::Client, stop: StopSignal, request: ReadRequest) -> ReadAnswer {
        let mut call = Call::new(client, stop);
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
        ReadAnswer { new_state, private: request.private, new_identity, diagnostics }
    }

    async fn apply(&self, client: &R::Client, stop: StopSignal, request: ApplyRequest) -> ApplyAnswer {
        let ApplyRequest { prior_state: prior, planned_state: planned, planned_private } = request;
        let mut call = Call { planned_private: &planned_private, ..Call::new(client, stop) };
        let (new_state, errors) = match (prior.is_null(), planned.is_null()) {
            (_, true) => self.delete(&mut call, &prior).await,
            (true, false) => self.create(&mut call, &planned).await,
            (false, false) => self.update(&mut call, &prior, &planned).await,
        };
        let mut diagnostics = call.warnings;
        diagnostics.extend(errors);
        let new_identity = self.identity(&new_state);
        ApplyAnswer { new_state, private: PRIVATE_MARKER.to_vec(), new_identity, diagnostics }
    }

    async fn import(&self, client: &R::Client, stop: StopSignal, target: ImportTarget) -> ImportAnswer {
        let mut call = Call::new(client, stop);
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
        ImportAnswer { state, private: PRIVATE_MARKER.to_vec(), identity, diagnostics }
    }
}

impl PlanRequest {
    /// Which plan this is, by what the client sends with it (tfplugin6, PlanResourceChange).
    fn stage(&self) -> PlanStage {
        let is_repeated = !self.planned_private.is_empty()
            || self.client_capabilities.is_some_and(|capabilities| capabilities.deferral_allowed);
        match self.client_capabilities {
            _ if self.prior_state.is_null() && !self.prior_private.is_empty() => PlanStage::Replacement,
            _ if is_repeated => PlanStage::Repeated,
            Some(_) => PlanStage::Shown,
            None => PlanStage::Unclear,
        }
    }
}

/// The state after a failed operation: what is there now, or the prior state if nothing was written.
fn left_by<M: Model>(failure: Failure<M>, prior: &Value) -> (Value, Diagnostics) {
    let state = failure.state.map_or_else(|| prior.clone(), |model| model.to_value());
    (state, failure.diagnostics)
}
