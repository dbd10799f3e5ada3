//! The requests and responses of a managed resource, as `protocol` exchanges them with [`ManagedResource`]: values in
//! place of protobuf messages. Decides only which stage of planning a request belongs to.
//!
//! [`ManagedResource`]: super::managed_resource::ManagedResource

use super::attribute_path::AttributePath;
use super::diagnostic::Diagnostics;
use super::resource::PlanStage;
use super::value::Value;

/// The request of a refresh: state, private data and identity as stored.
#[derive(Debug, Clone)]
pub struct ReadRequest {
    /// The stored state, an object.
    pub current_state: Value,
    /// The stored private data.
    pub private: Vec<u8>,
    /// The stored identity, if there is one.
    pub current_identity: Option<Value>,
}

/// The response to a refresh. Everything in it replaces the stored values.
#[derive(Debug, Clone)]
pub struct ReadResponse {
    /// Null if the object no longer exists.
    pub new_state: Value,
    /// The private data to store.
    pub private: Vec<u8>,
    /// The identity to store.
    pub new_identity: Option<Value>,
    /// Errors and warnings.
    pub diagnostics: Diagnostics,
}

/// The request of a plan. A null proposed state means a destroy, a null prior state a create.
#[derive(Debug, Clone)]
pub struct PlanRequest {
    /// The configuration.
    pub config: Value,
    /// The prior state.
    pub prior_state: Value,
    /// The configuration, with computed attributes taken from the prior state.
    pub proposed_new_state: Value,
    /// Private data of the prior state.
    pub prior_private: Vec<u8>,
    /// Identity of the prior state.
    pub prior_identity: Option<Value>,
    /// Private data of the plan that is being applied. Empty in the plan for the user, and before Terraform 1.16.
    pub planned_private: Vec<u8>,
    /// The client's capabilities, which Terraform 1.9 and later send.
    pub client_capabilities: Option<ClientCapabilities>,
}

/// Capabilities of the client (tfplugin6, ClientCapabilities).
#[derive(Debug, Clone, Copy)]
pub struct ClientCapabilities {
    /// Whether responses may be deferred. Terraform 1.9 to 1.15 sets it during apply; elsewhere it is an experiment.
    /// OpenTofu 1.11 always sets it, later versions never.
    pub deferral_allowed: bool,
    /// Whether the client knows write-only attributes. One that does not would store their values.
    pub write_only_attributes_allowed: bool,
}

/// The response to a plan request.
#[derive(Debug, Clone)]
pub struct PlanResponse {
    /// The planned state, with unknown values; null for a destroy.
    pub planned_state: Value,
    /// Attributes whose change replaces the object.
    pub requires_replace: Vec<AttributePath>,
    /// Private data that Terraform sends back with the apply.
    pub planned_private: Vec<u8>,
    /// The planned identity; `None` while it is not wholly known.
    pub planned_identity: Option<Value>,
    /// Errors and warnings.
    pub diagnostics: Diagnostics,
}

/// The request to apply a plan.
#[derive(Debug, Clone)]
pub struct ApplyRequest {
    /// The prior state; null for a create.
    pub prior_state: Value,
    /// The planned state; null for a destroy.
    pub planned_state: Value,
    /// The configuration, which alone has write-only values; null for a destroy.
    pub config: Value,
    /// Private data of the plan.
    pub planned_private: Vec<u8>,
}

/// The response to an apply.
#[derive(Debug, Clone)]
pub struct ApplyResponse {
    /// The new state; null if the object does not exist.
    pub new_state: Value,
    /// The private data to store.
    pub private: Vec<u8>,
    /// The identity to store.
    pub new_identity: Option<Value>,
    /// Errors and warnings.
    pub diagnostics: Diagnostics,
}

/// The response to an import. Terraform refreshes the object right afterwards.
#[derive(Debug, Clone)]
pub struct ImportResponse {
    /// The imported state; null only with an error.
    pub state: Value,
    /// The private data to store.
    pub private: Vec<u8>,
    /// The identity to store.
    pub identity: Option<Value>,
    /// Errors and warnings.
    pub diagnostics: Diagnostics,
}

impl PlanRequest {
    /// The stage of planning, derived from what the client sends (tfplugin6, PlanResourceChange).
    ///
    /// OpenTofu 1.12 and later send the same capabilities in the plan for the user and in the plan during apply, so both
    /// count as previews.
    pub(super) fn stage(&self) -> PlanStage {
        let is_during_apply = !self.planned_private.is_empty()
            || self.client_capabilities.is_some_and(|capabilities| capabilities.deferral_allowed);
        match self.client_capabilities {
            _ if self.prior_state.is_null() && !self.prior_private.is_empty() => PlanStage::ReplacementCreate,
            _ if is_during_apply => PlanStage::DuringApply,
            Some(_) => PlanStage::Preview,
            None => PlanStage::Unknown,
        }
    }
}
