//! The trait that a resource fulfils: typed, free of the wire, with Terraform's words.
//!
//! [`super::managed_resource`] turns it into what `protocol` calls, so a second resource needs an implementation of
//! this trait and an entry in the provider's list, and nothing else.

use async_trait::async_trait;

use super::diagnostic::{Diagnostic, Diagnostics};
use super::plan::Plan;
use super::schema::{IdentitySchema, Schema};
use super::stop::StopSignal;
use super::ty::Type;
use super::value::Value;

/// A resource type.
///
/// All but the operations on the object itself work without a client, since Terraform calls them on an unconfigured
/// provider; only `check_plan` is left out then. The order of the methods is that of a resource's life.
#[async_trait]
pub trait Resource: Send + Sync + 'static {
    /// What the provider hands over once it is configured.
    type Client: Send + Sync + 'static;
    /// The state in types of its own.
    type Model: Model;

    /// The full type name, with the provider's prefix.
    fn type_name(&self) -> &'static str;

    /// The schema of the current version.
    fn schema(&self) -> Schema;

    /// The schema of its identity.
    fn identity_schema(&self) -> IdentitySchema;

    /// The identity of a state or planned state; unknown where the state is.
    fn identity(&self, state: &Value) -> Value;

    /// Offline rules between attributes, beyond those of the schema. Unknown values are left alone.
    fn validate(&self, _config: &Value) -> Diagnostics {
        Diagnostics::new()
    }

    /// Ways from older schema versions straight to the current one.
    fn state_upgrades(&self) -> Vec<StateUpgrade> {
        Vec::new()
    }

    /// The resource's own part of planning a create or an update, after the rules of the schema. A function of its
    /// inputs: Terraform plans again during apply and compares.
    fn modify_plan(&self, _plan: &mut Plan) -> Diagnostics {
        Diagnostics::new()
    }

    /// Checks a plan of a create or update against the service, as far as that is possible now. It can add diagnostics
    /// and nothing else: planned values never depend on what is looked up. Skipped while the provider is not
    /// configured.
    async fn check_plan(&self, _call: &mut Call<'_, Self::Client>, _check: PlanCheck<'_>) -> Diagnostics {
        Diagnostics::new()
    }

    /// Checks a plan to destroy this state, and warns of what a user should know before. Without a client, while the
    /// provider is not configured, it looks at the state alone.
    fn plan_destroy(&self, _client: Option<&Self::Client>, _prior: &Value) -> Diagnostics {
        Diagnostics::new()
    }

    /// What apply has to know of a plan beyond the planned state. It reaches [`Call::planned_private`] and is not
    /// stored in the state. Private data is kept in clear text in plan files: no secrets.
    fn plan_private(&self, _client: Option<&Self::Client>, _check: PlanCheck<'_>) -> Option<Vec<u8>> {
        None
    }

    /// Makes the object. Terraform marks the state that a failure leaves as tainted; without one, the next plan is a
    /// create again.
    async fn create(
        &self,
        call: &mut Call<'_, Self::Client>,
        planned: Self::Model,
    ) -> Result<Self::Model, Failure<Self::Model>>;

    /// Reads the object; `None` if it is certainly gone. An error keeps the current state.
    async fn read(
        &self,
        call: &mut Call<'_, Self::Client>,
        current: Self::Model,
    ) -> Result<Option<Self::Model>, Diagnostics>;

    /// Changes the object.
    async fn update(
        &self,
        call: &mut Call<'_, Self::Client>,
        prior: Self::Model,
        planned: Self::Model,
    ) -> Result<Self::Model, Failure<Self::Model>>;

    /// Ends the object. Success if it is gone already.
    async fn delete(
        &self,
        call: &mut Call<'_, Self::Client>,
        prior: Self::Model,
    ) -> Result<(), Failure<Self::Model>>;

    /// Finds an existing object. What cannot be known before the read that follows stays empty.
    async fn import(
        &self,
        call: &mut Call<'_, Self::Client>,
        target: ImportTarget,
    ) -> Result<Self::Model, Diagnostics>;
}

/// The typed form of a state.
pub trait Model: Sized + Send + 'static {
    /// Reads a state or planned state, an object of the schema's type.
    ///
    /// # Errors
    /// The object is not of that type: a bug of ours, or state that somebody edited.
    fn from_value(value: &Value) -> Result<Self, Diagnostic>;

    /// The state as an object of the schema's type.
    fn to_value(&self) -> Value;
}

/// One call to a resource: what it may use, and the warnings that it leaves.
#[derive(Debug)]
pub struct Call<'a, C> {
    /// What the provider handed over.
    pub client: &'a C,
    /// Every wait of the call ends when it fires.
    pub stop: StopSignal,
    /// Private data of the plan that is applied; empty outside of apply.
    pub planned_private: &'a [u8],
    /// Shown to the user beside the result.
    pub warnings: Diagnostics,
}

impl<'a, C> Call<'a, C> {
    /// A call without warnings so far.
    pub fn new(client: &'a C, stop: StopSignal) -> Self {
        Self { client, stop, planned_private: &[], warnings: Diagnostics::new() }
    }
}

/// A plan of a create or an update to check.
#[derive(Debug, Clone, Copy)]
pub struct PlanCheck<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// Which of the plans of one change this is.
    pub stage: PlanStage,
    /// In the second call of a replacement, the private data that the first call planned.
    pub prior_private: &'a [u8],
}

/// Which of Terraform's plans of one change a call asks for. Terraform plans a change for the user, in two calls where
/// the object is replaced, and once more inside apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlanStage {
    /// The plan that the user sees.
    Shown,
    /// The second call for a replacement, whose first call saw the old object. Terraform drops its warnings.
    Replacement,
    /// The plan that Terraform repeats inside apply.
    Repeated,
    /// The client sends nothing that distinguishes [`Self::Shown`] from [`Self::Repeated`].
    Unclear,
}

/// Why an operation failed, and what is there now.
#[derive(Debug)]
pub struct Failure<M> {
    /// At least one error.
    pub diagnostics: Diagnostics,
    /// The state as it really is now; `None` if nothing was written, which keeps the prior state.
    pub state: Option<Box<M>>,
}

impl<M> From<Diagnostics> for Failure<M> {
    fn from(diagnostics: Diagnostics) -> Self {
        Self { diagnostics, state: None }
    }
}

/// What an import points at.
#[derive(Debug, Clone, PartialEq)]
pub enum ImportTarget {
    /// The text of `terraform import` or of `id` in an import block.
    Id(String),
    /// The object of `identity` in an import block, by the identity schema.
    Identity(Value),
}

/// The way from one older schema version to the current one.
#[derive(Debug)]
pub struct StateUpgrade {
    /// The version that it starts from.
    pub from_version: i64,
    /// The type of states of that version.
    pub ty: Type,
    /// From a state of that version to one of the current version.
    pub upgrade: fn(Value) -> Result<Value, Diagnostic>,
}
