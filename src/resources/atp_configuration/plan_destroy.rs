//! Plans a destroy. With `force_destroy`, the plan lists the direct assignments that are deleted along with the
//! policy. The private data of the plan holds the same list, and the apply does not delete any other assignment:
//!
//! ```text
//! {"planned": true, "listed_assignments": ["groupAssignmentTarget 5f8b…", "allDevicesAssignmentTarget"]}
//! ```

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::resources::session::Session;
use crate::resources::timeouts::Operation;
use crate::terraform::diagnostic::{Diagnostic, Diagnostics, list};
use crate::terraform::resource::{DestroyPlan, Model, ResourceCall};
use crate::terraform::value::Value;

use super::context::Context;
use super::direct_assignments;
use super::model::ConfigurationModel;

/// The private data of a destroy plan.
#[derive(Debug, Default, Serialize, Deserialize)]
struct PlannedDestroy {
    /// Always true: marks that the provider has planned the destroy.
    planned: bool,
    /// The direct assignments that the plan lists.
    #[serde(default)]
    listed_assignments: BTreeSet<String>,
}

/// The direct assignments that a destroy may delete along with the policy.
#[derive(Debug)]
pub(super) enum DeletableAssignments {
    /// None: `force_destroy` is not set.
    None,
    /// The assignments that the plan lists.
    Listed(BTreeSet<String>),
    /// All: `force_destroy` is set, and the Terraform client has not asked the provider to plan the destroy.
    All,
}

impl DeletableAssignments {
    /// Determines what the destroy of a policy may delete. The plan of a replacement lists no assignments, so
    /// its destroy may delete none.
    pub(super) fn from_plan(prior: &ConfigurationModel, planned_private: &[u8]) -> Self {
        if prior.force_destroy != Some(true) {
            Self::None
        } else if planned_private.is_empty() {
            Self::All
        } else {
            let planned: PlannedDestroy = serde_json::from_slice(planned_private).unwrap_or_default();
            Self::Listed(planned.listed_assignments)
        }
    }

    /// Returns the assignments that must not be deleted.
    pub(super) fn find_protected(&self, mut assignments: BTreeSet<String>) -> BTreeSet<String> {
        match self {
            Self::None => assignments,
            Self::Listed(listed) => {
                assignments.retain(|assignment| !listed.contains(assignment));
                assignments
            }
            Self::All => BTreeSet::new(),
        }
    }
}

/// Plans the destroy of a policy.
pub(super) async fn plan(call: Option<&mut ResourceCall<'_, Session>>, prior: &Value) -> DestroyPlan {
    let Ok(prior) = ConfigurationModel::from_value(prior) else { return DestroyPlan::default() };
    let id = prior.id.as_deref().unwrap_or_default();
    let mut diagnostics: Diagnostics = not_offboarded(id).into();
    let mut listed_assignments = BTreeSet::new();
    if let (Some(call), Some(true)) = (call, prior.force_destroy) {
        let context = Context::new(call, Operation::Read, &prior.timeouts);
        let listing = direct_assignments::list(&context, id);
        match context.within_deadline(&format!("policy {id}"), listing).await {
            Ok(assignments) => listed_assignments = assignments,
            Err(errors) => diagnostics.extend(errors),
        }
        if !listed_assignments.is_empty() {
            diagnostics.push(assignments_are_deleted(id, &listed_assignments));
        }
    }
    let private = serde_json::to_vec(&PlannedDestroy { planned: true, listed_assignments }).ok();
    DestroyPlan { diagnostics, private }
}

fn not_offboarded(id: &str) -> Diagnostic {
    Diagnostic::warning(
        format!("Deleting policy {id} does not offboard its devices"),
        "Devices that were onboarded stay onboarded.\nNext: to offboard them, assign a policy with package = \"offboarding\" \
         first.",
    )
}

fn assignments_are_deleted(id: &str, assignments: &BTreeSet<String>) -> Diagnostic {
    Diagnostic::warning(
        format!("Deleting policy {id} deletes its assignments"),
        format!(
            "force_destroy is set, and the policy has these direct assignments, which are deleted along with \
             it:\n{}If other assignments are added before the apply, the apply refuses to delete the policy.",
            list(assignments.iter().cloned())
        ),
    )
}
