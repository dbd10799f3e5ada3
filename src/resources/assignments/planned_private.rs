//! The private data of a plan: what apply needs to know beyond the planned state. It exists from a plan to its apply
//! and is not stored in the state.
//!
//! ```text
//! {"planned": true,
//!  "creates":  {"policy_id": "…", "overwrite_existing": false,
//!               "assignments": [{…}], "group_ids": ["…"]},
//!  "replaces": {"policy_id": "…", "assignments": [{…}], "is_tainted": false}}
//! ```
//!
//! `creates` is in the plan of a create and in the second plan call of a replacement, so that the delete leg knows
//! which create follows. `replaces` is the old object as the plan saw it.

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
    planned: bool,
    /// The object that the plan creates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) creates: Option<PlannedCreate>,
    /// The object that the plan changes or replaces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) replaces: Option<SeenObject>,
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
pub(super) struct SeenObject {
    /// The policy.
    pub(super) policy_id: String,
    /// All of its direct assignments.
    pub(super) assignments: Vec<Assignment>,
    /// Whether the object comes from a refresh, because Terraform plans a tainted object without its state. The refresh
    /// may have been of another object for the same policy.
    pub(super) is_tainted: bool,
}

impl PlannedPrivate {
    /// Reads private data. Anything of another form counts as empty.
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
            return Self { planned: true, creates: None, replaces: SeenObject::of_state(kind, &plan.prior) };
        }
        let creates = PlannedCreate::of_planned_state(kind, &plan.planned);
        let first_call = Self::from_bytes(prior_private).replaces;
        let replaces =
            first_call.or_else(|| SeenObject::of_refresh(kind, session?, creates.policy_id.as_deref()?));
        Self { planned: true, creates: Some(creates), replaces }
    }

    /// Serializes the private data.
    pub(super) fn to_bytes(&self) -> Option<Vec<u8>> {
        serde_json::to_vec(self).ok()
    }

    /// The old object, if it manages this policy.
    pub(super) fn replaced_object_of(self, policy_id: &str) -> Option<SeenObject> {
        self.replaces.filter(|seen| PolicyId::is_same(&seen.policy_id, policy_id))
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

impl SeenObject {
    fn of_state(kind: &'static PolicyKind, state: &Value) -> Option<Self> {
        let model = AssignmentModel::from_value(kind, state).ok()?;
        let AssignmentModel { policy_id, assignments, .. } = model;
        Some(Self { policy_id, assignments, is_tainted: false })
    }

    fn of_refresh(kind: &PolicyKind, session: &Session, policy_id: &str) -> Option<Self> {
        let read = session.assignments.of(kind.collection).policies.read(policy_id)?;
        Some(Self {
            policy_id: policy_id.to_owned(),
            assignments: Assignment::all_from_value(&read)?,
            is_tainted: true,
        })
    }
}
