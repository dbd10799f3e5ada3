//! From the model to Graph's targets. Names differ in case only: `group_id` is `groupId`; the filter's members carry
//! Graph's long names there.

use crate::graph::types::{AssignmentTarget, TargetKind};

use super::model::Assignment;

/// The targets to assign; `None` where the kind cannot be written.
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
