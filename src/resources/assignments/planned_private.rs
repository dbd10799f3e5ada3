//! The private data of a plan: what apply needs in addition to the planned state. Terraform passes it to the apply of a
//! delete. Before a create or an update, Terraform repeats the plan and passes the private data of the repeated plan,
//! which has the data of the first plan only with Terraform 1.16 and later. The data is not stored in the state.
//!
//! ```text
//! {"planned": true,
//!  "creates":  {"policy_id": "…", "overwrite_existing": false,
//!               "assignments": [{…}], "group_ids": ["…"]},
//!  "prior":    {"policy_id": "…", "assignments": [{…}], "is_from_refresh": false}}
//! ```
//!
//! `creates` is the object that the plan creates, alone or in a replacement. The delete of a replacement reads it to
//! find out which create follows. `prior` is the old object as the plan saw it.

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
    /// True in every plan. Empty private data would look like that of the first plan call of a resource.
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
    /// Whether it may replace existing assignments.
    pub(super) overwrite_existing: bool,
    /// Its assignments; `None` if they are not wholly known yet.
    pub(super) assignments: Option<Vec<Assignment>>,
    /// The groups of its targets, as far as they are known.
    pub(super) group_ids: Vec<String>,
}

/// An object as a plan saw it.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct PriorObject {
    /// The policy.
    pub(super) policy_id: String,
    /// All of its direct assignments.
    pub(super) assignments: Vec<Assignment>,
    /// True if the object was taken from the refresh of this run, which is necessary for a tainted object: Terraform
    /// plans its replacement without a prior state. The refresh may have been of another object for the same policy.
    pub(super) is_from_refresh: bool,
}

impl PlannedPrivate {
    /// Parses private data. Data in any other format counts as empty.
    pub(super) fn from_bytes(bytes: &[u8]) -> Self {
        serde_json::from_slice(bytes).unwrap_or_default()
    }

    /// The private data of a plan for a create or an update.
    pub(super) fn of_plan(
        kind: &'static PolicyKind,
        session: Option<&Session>,
        check: PlanCheck<'_>,
    ) -> Self {
        let PlanCheck { plan, prior_private, .. } = check;
        if !plan.is_create() {
            return Self { planned: true, creates: None, prior: PriorObject::of_state(kind, &plan.prior) };
        }
        let creates = PlannedCreate::of_planned_state(kind, &plan.planned);
        // Terraform plans a replacement in two calls; the second gets the private data of the first.
        let of_first_call = Self::from_bytes(prior_private).prior;
        let prior =
            of_first_call.or_else(|| PriorObject::of_refresh(kind, session?, creates.policy_id.as_deref()?));
        Self { planned: true, creates: Some(creates), prior }
    }

    /// Serializes the private data.
    pub(super) fn to_bytes(&self) -> Option<Vec<u8>> {
        serde_json::to_vec(self).ok()
    }

    /// The old object, if it manages this policy.
    pub(super) fn replaced_object_of(self, policy_id: &str) -> Option<PriorObject> {
        self.prior.filter(|seen| PolicyId::is_same(&seen.policy_id, policy_id))
    }
}

impl PlannedCreate {
    fn of_planned_state(kind: &PolicyKind, planned: &Value) -> Self {
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
    fn of_state(kind: &'static PolicyKind, state: &Value) -> Option<Self> {
        let model = AssignmentModel::from_value(kind, state).ok()?;
        let AssignmentModel { policy_id, assignments, .. } = model;
        Some(Self { policy_id, assignments, is_from_refresh: false })
    }

    fn of_refresh(kind: &PolicyKind, session: &Session, policy_id: &str) -> Option<Self> {
        let read = session.assignments.collection(kind.collection).policies.last_read(policy_id)?;
        Some(Self {
            policy_id: policy_id.to_owned(),
            assignments: Assignment::all_from_value(&read)?,
            is_from_refresh: true,
        })
    }
}
