//! The private data of a plan: the data that apply needs in addition to the planned state. The state does not store it.
//!
//! The apply of a delete gets the private data of the plan. Before a create or an update, Terraform repeats the plan, and
//! apply gets the private data of the repeated plan. Only Terraform 1.16 and later passes the private data of the first
//! plan to the repeated plan.
//!
//! ```text
//! {"planned": true,
//!  "creates":  {"policy_id": "…", "overwrite_existing": false,
//!               "assignments": [{…}], "group_ids": ["…"]},
//!  "prior":    {"policy_id": "…", "assignments": [{…}], "is_from_refresh": false}}
//! ```
//!
//! `creates` is the object that the plan creates, with or without a replacement. In a replacement, the delete reads
//! `creates` to find out which policy the create will assign. `prior` is the old object as the plan saw it.

use serde::{Deserialize, Serialize};

use crate::graph::PolicyId;
use crate::resources::session::Session;
use crate::terraform::resource::PlanCheck;
use crate::terraform::value::Value;

use super::kind::PolicyKind;
use super::model::{Assignment, AssignmentModel};
use super::names::{ASSIGNMENTS, GROUP_ID, OVERWRITE_EXISTING};

/// The private data of one plan.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct PlannedPrivate {
    /// True in every plan, so that the data of a plan without `creates` and `prior` equals
    /// [`PRIVATE_MARKER`](crate::terraform::managed_resource::PRIVATE_MARKER).
    planned: bool,
    /// The object that the plan creates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) creates: Option<PlannedCreate>,
    /// The object that the plan changes or replaces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) prior: Option<PriorObject>,
}

/// An object that the plan creates.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct PlannedCreate {
    /// The policy; `None` if it is not known yet.
    pub(super) policy_id: Option<String>,
    /// Whether the create may replace existing assignments.
    pub(super) overwrite_existing: bool,
    /// The planned assignments; `None` if they are not wholly known yet.
    pub(super) assignments: Option<Vec<Assignment>>,
    /// The known group ids of the planned assignments.
    pub(super) group_ids: Vec<String>,
}

/// An object as a plan saw it.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct PriorObject {
    /// The policy.
    pub(super) policy_id: String,
    /// All direct assignments of the policy.
    pub(super) assignments: Vec<Assignment>,
    /// Whether the assignments come from the refresh of this run. Terraform plans the replacement of a tainted object
    /// without its prior state, so the provider uses the refresh instead. The refresh may have been that of another
    /// object for the same policy.
    pub(super) is_from_refresh: bool,
}

impl PlannedPrivate {
    /// Parses private data. Data in any other format counts as empty.
    pub(super) fn from_bytes(bytes: &[u8]) -> Self {
        serde_json::from_slice(bytes).unwrap_or_default()
    }

    /// The private data of a plan for a create or an update.
    pub(super) fn from_plan(
        kind: &'static PolicyKind,
        session: Option<&Session>,
        check: PlanCheck<'_>,
    ) -> Self {
        let PlanCheck { plan, prior_private, .. } = check;
        if !plan.is_create() {
            return Self { planned: true, creates: None, prior: PriorObject::from_state(kind, &plan.prior) };
        }
        let creates = PlannedCreate::from_planned_state(kind, &plan.planned);
        // Terraform plans a replacement in two calls; the second gets the private data of the first.
        let first_call_prior = Self::from_bytes(prior_private).prior;
        let prior = first_call_prior
            .or_else(|| PriorObject::from_last_refresh(kind, session?, creates.policy_id.as_deref()?));
        Self { planned: true, creates: Some(creates), prior }
    }

    /// Serializes the private data.
    pub(super) fn to_bytes(&self) -> Option<Vec<u8>> {
        serde_json::to_vec(self).ok()
    }

    /// Returns the old object if it manages this policy.
    pub(super) fn replaced_object_of(self, policy_id: &str) -> Option<PriorObject> {
        self.prior.filter(|prior| PolicyId::is_same(&prior.policy_id, policy_id))
    }
}

impl PlannedCreate {
    fn from_planned_state(kind: &PolicyKind, planned: &Value) -> Self {
        let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
        let assignments = planned.attribute(ASSIGNMENTS);
        let elements = assignments.and_then(Value::as_set).into_iter().flat_map(|set| set.iter());
        Self {
            policy_id: text(planned.attribute(kind.id_attribute)),
            overwrite_existing: planned.attribute(OVERWRITE_EXISTING).and_then(Value::as_bool) == Some(true),
            assignments: assignments.filter(|set| set.is_wholly_known()).and_then(Assignment::all_from_value),
            group_ids: elements.filter_map(|element| text(element.attribute(GROUP_ID))).collect(),
        }
    }
}

impl PriorObject {
    fn from_state(kind: &'static PolicyKind, state: &Value) -> Option<Self> {
        let model = AssignmentModel::from_value(kind, state).ok()?;
        let AssignmentModel { policy_id, assignments, .. } = model;
        Some(Self { policy_id, assignments, is_from_refresh: false })
    }

    fn from_last_refresh(kind: &PolicyKind, session: &Session, policy_id: &str) -> Option<Self> {
        let last_read = session.assignments.collection(kind.collection).policies.last_read(policy_id)?;
        Some(Self {
            policy_id: policy_id.to_owned(),
            assignments: Assignment::all_from_value(&last_read)?,
            is_from_refresh: true,
        })
    }
}
