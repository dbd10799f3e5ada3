//! Converts the model to Graph's targets: `group_id` becomes `groupId`, and the filter's members get Graph's long
//! names.

use crate::graph::types::{AssignmentTarget, TargetKind};

use super::model::Assignment;

/// The targets for `assign`; `None` if this version of the provider does not support the type of one of them.
pub(super) fn targets(assignments: &[Assignment]) -> Option<Vec<AssignmentTarget>> {
    assignments.iter().map(target).collect()
}

fn target(assignment: &Assignment) -> Option<AssignmentTarget> {
    let kind = TargetKind::ALL.into_iter().find(|kind| kind.type_name() == assignment.target_type)?;
    let mut target = AssignmentTarget::new(kind);
    target.group_id.clone_from(&assignment.group_id);
    target.collection_id.clone_from(&assignment.collection_id);
    Some(match &assignment.filter {
        Some(filter) => target.with_filter(&filter.filter_id, &filter.filter_type),
        None => target,
    })
}
