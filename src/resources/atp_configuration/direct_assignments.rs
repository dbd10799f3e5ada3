//! The direct assignments of a policy, which Intune deletes along with the policy.

use std::collections::BTreeSet;

use crate::graph;
use crate::graph::types::Assignment;
use crate::terraform::diagnostic::Diagnostics;

use super::context::{AttemptedStep, Context, READ_PERMISSION, request_failed};

/// Lists the direct assignments of a policy. Describes each as a text: target type, id and filter, with ids in lower
/// case. The plan and the apply of a destroy compare these texts, and messages show them. If the policy does not exist,
/// the set is empty.
pub(super) async fn list(context: &Context<'_>, id: &str) -> Result<BTreeSet<String>, Diagnostics> {
    let policies = context.client.policies(graph::PolicyCollection::DeviceConfigurations);
    let rows = match policies.list_assignments_unbatched(id).await {
        Ok(rows) => rows,
        Err(error) if error.is_resource_not_found() => return Ok(BTreeSet::new()),
        Err(error) => {
            let object = format!("policy {id}");
            let step = AttemptedStep {
                object: &object,
                action: "reading its assignments",
                permission: READ_PERMISSION,
                outcome: "The policy is still there.",
            };
            return Err(request_failed(step, &error));
        }
    };
    Ok(rows.iter().filter(|row| row.is_direct() && !row.is_removal()).map(describe).collect())
}

fn describe(row: &Assignment) -> String {
    let target = &row.target;
    let mut text = target.type_name().to_owned();
    if let Some(id) = target.group_id.as_deref().or(target.collection_id.as_deref()) {
        text = format!("{text} {}", id.to_ascii_lowercase());
    }
    if let Some(filter) = target.filter() {
        text = format!("{text}, filter {} ({})", filter.id.to_ascii_lowercase(), filter.filter_type);
    }
    text
}
