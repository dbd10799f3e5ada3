//! The trait that a resource implements: typed operations, independent of the wire format.
//!
//! [`super::managed_resource`] adapts it for `protocol`. A new resource needs an implementation of this trait and an
//! entry in the provider's list, and nothing else.

use async_trait::async_trait;

use super::diagnostic::{Diagnostic, Diagnostics};
use super::plan::Plan;
use super::schema::{IdentitySchema, Schema};
use super::stop::StopSignal;
use super::ty::Type;
use super::value::Value;

/// A resource type.
///
/// Terraform calls all methods except the operations on the remote object on an unconfigured provider too, so they
/// work without a session. `check_plan` is skipped then. The methods follow the order of a resource's life.
#[async_trait]
pub trait Resource: Send + Sync + 'static {
    /// What is available once the provider is configured.
    type Session: Send + Sync + 'static;
    /// The typed form of the state.
    type Model: Model;

    /// The full type name, including the provider's prefix.
    fn type_name(&self) -> &'static str;

    /// The schema of the current version.
    fn schema(&self) -> Schema;

    /// The schema of its identity.
    fn identity_schema(&self) -> IdentitySchema;

    /// The identity of a state or planned state. It is unknown where the state is unknown.
    fn identity(&self, state: &Value) -> Value;

    /// Validates rules between attributes, offline. Unknown values are skipped.
    fn validate(&self, _config: &Value) -> Diagnostics {
        Diagnostics::new()
    }

    /// Upgrades from older schema versions directly to the current one.
    fn state_upgrades(&self) -> Vec<StateUpgrade> {
        Vec::new()
    }

    /// Adjusts the plan of a create or update after the schema's rules. The result depends on the inputs only,
    /// because Terraform plans again during apply and compares.
    fn modify_plan(&self, _plan: &mut Plan) -> Diagnostics {
        Diagnostics::new()
    }

    /// Checks the plan of a create or update against the service. It can only add diagnostics: planned values never
    /// depend on look-ups. Skipped while the provider is not configured.
    async fn check_plan(
        &self,
        _call: &mut ResourceCall<'_, Self::Session>,
        _check: PlanCheck<'_>,
    ) -> Diagnostics {
        Diagnostics::new()
    }

    /// Checks the plan of a destroy. There is no call while the provider is not configured; only the state is checked
    /// then.
    async fn plan_destroy(
        &self,
        _call: Option<&mut ResourceCall<'_, Self::Session>>,
        _prior: &Value,
    ) -> DestroyPlan {
        DestroyPlan::default()
    }

    /// Private data for apply, beyond the planned state. Apply finds it in [`ResourceCall::planned_private`]; it is
    /// not stored in the state. Plan files hold it in clear text, so it must not contain secrets.
    fn plan_private(&self, _session: Option<&Self::Session>, _check: PlanCheck<'_>) -> Option<Vec<u8>> {
        None
    }

    /// Creates the object. If a failure returns a state, Terraform marks it as tainted; otherwise the next plan is a
    /// create again.
    async fn create(
        &self,
        call: &mut ResourceCall<'_, Self::Session>,
        planned: Self::Model,
    ) -> Result<Self::Model, OperationFailure<Self::Model>>;

    /// Reads the object. `None` means that it certainly no longer exists. An error keeps the current state.
    async fn read(
        &self,
        call: &mut ResourceCall<'_, Self::Session>,
        current: Self::Model,
    ) -> Result<Option<Self::Model>, Diagnostics>;

    /// Updates the object.
    async fn update(
        &self,
        call: &mut ResourceCall<'_, Self::Session>,
        prior: Self::Model,
        planned: Self::Model,
    ) -> Result<Self::Model, OperationFailure<Self::Model>>;

    /// Deletes the object. Succeeds if it no longer exists.
    async fn delete(
        &self,
        call: &mut ResourceCall<'_, Self::Session>,
        prior: Self::Model,
    ) -> Result<(), OperationFailure<Self::Model>>;

    /// Imports an existing object. Terraform reads it right afterwards, so only the identifying attributes are set.
    async fn import(
        &self,
        call: &mut ResourceCall<'_, Self::Session>,
        target: ImportTarget,
    ) -> Result<Self::Model, Diagnostics>;
}

/// The typed form of a state.
pub trait Model: Sized + Send + 'static {
    /// Converts a state or planned state, an object of the schema's type.
    ///
    /// # Errors
    /// The object does not have that type: a bug in the provider, or a state that was edited by hand.
    fn from_value(value: &Value) -> Result<Self, Diagnostic>;

    /// Converts to an object of the schema's type.
    fn to_value(&self) -> Value;
}

/// The inputs of one call to a resource, and the warnings that it adds.
#[derive(Debug)]
pub struct ResourceCall<'a, S> {
    /// The session of the configured provider.
    pub session: &'a S,
    /// Ends every wait of the call.
    pub stop: StopSignal,
    /// Private data of the plan that is being applied; empty outside of apply.
    pub planned_private: &'a [u8],
    /// The configuration that is being applied, which alone has write-only values; null outside of apply.
    pub config: &'a Value,
    /// Warnings that are reported with the result.
    pub warnings: Diagnostics,
}

impl<'a, S> ResourceCall<'a, S> {
    /// A call without planned private data or warnings.
    pub fn new(session: &'a S, stop: StopSignal) -> Self {
        Self { session, stop, planned_private: &[], config: &Value::Null, warnings: Diagnostics::new() }
    }
}

/// The plan of a create or update, to be checked.
#[derive(Debug, Clone, Copy)]
pub struct PlanCheck<'a> {
    /// The plan, complete except for its private data.
    pub plan: &'a Plan,
    /// Which of Terraform's plan calls for the change this is.
    pub stage: PlanStage,
    /// In the second call of a replacement, the private data that the first call returned.
    pub prior_private: &'a [u8],
}

/// What a resource adds to the plan of a destroy.
#[derive(Debug, Default)]
pub struct DestroyPlan {
    /// Errors and warnings.
    pub diagnostics: Diagnostics,
    /// Private data for apply, as in [`Resource::plan_private`].
    pub private: Option<Vec<u8>>,
}

impl From<Diagnostics> for DestroyPlan {
    fn from(diagnostics: Diagnostics) -> Self {
        Self { diagnostics, private: None }
    }
}

/// Which of Terraform's plan calls for one change this is. Terraform plans a change for the user, in two calls if the
/// object is replaced, and again during apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlanStage {
    /// The plan that is shown to the user.
    Preview,
    /// The second call of a replacement, which plans the new object. Terraform drops its warnings.
    ReplacementCreate,
    /// The plan that Terraform repeats during apply.
    DuringApply,
    /// The client sends nothing that distinguishes [`Self::Preview`] from [`Self::DuringApply`].
    Unknown,
}

/// Why an operation failed, and the state that it left.
#[derive(Debug)]
pub struct OperationFailure<M> {
    /// Contains at least one error.
    pub diagnostics: Diagnostics,
    /// The actual state of the object now. `None` if nothing was written, which keeps the prior state.
    pub state: Option<Box<M>>,
}

impl<M> From<Diagnostics> for OperationFailure<M> {
    fn from(diagnostics: Diagnostics) -> Self {
        Self { diagnostics, state: None }
    }
}

/// The object to import.
#[derive(Debug, Clone, PartialEq)]
pub enum ImportTarget {
    /// The id from `terraform import` or from `id` in an import block.
    Id(String),
    /// The `identity` of an import block, an object of the identity schema's type.
    Identity(Value),
}

/// An upgrade from one older schema version to the current one.
#[derive(Debug)]
pub struct StateUpgrade {
    /// The version of the stored state.
    pub from_version: i64,
    /// The type of a state of that version.
    pub ty: Type,
    /// Converts a state of that version to the current version.
    pub upgrade: fn(Value) -> Result<Value, Diagnostic>,
}
