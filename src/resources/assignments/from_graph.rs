//! Converts Graph's assignments to the model. A filter that is null, absent or all zeros becomes `None`.

use std::collections::BTreeSet;

use crate::graph::types::{self, AssignmentTarget};

use super::model::{Assignment, AssignmentIds, Filter, InheritedAssignment};
use super::spelling::Spellings;

/// A policy's assignments as Graph returns them, split by their source. A row is one assignment in a response of Graph.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct AssignmentRows {
    direct: Vec<(Assignment, Option<String>)>,
    /// Assignments from policy sets.
    pub(super) inherited: Vec<InheritedAssignment>,
}

/// The target of a direct assignment, of a type that this version does not know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct UnknownTarget {
    /// Graph's name of the type, without namespace.
    pub(super) target_type: String,
    /// Graph's id of the assignment.
    pub(super) graph_id: String,
}

impl AssignmentRows {
    /// Splits Graph's assignments by their source. Drops assignments with the intent `remove`, because they assign
    /// nothing.
    pub(super) fn new(rows: Vec<types::Assignment>) -> Self {
        let rows = rows.into_iter().filter(|row| !row.is_removal());
        let (direct, inherited): (Vec<_>, Vec<_>) = rows.partition(types::Assignment::is_direct);
        Self {
            direct: direct.into_iter().map(|row| (assignment(&row.target), row.id)).collect(),
            inherited: inherited.into_iter().map(inherited_assignment).collect(),
        }
    }

    /// Whether the policy has a direct assignment.
    pub(super) fn has_direct(&self) -> bool {
        !self.direct.is_empty()
    }

    /// Whether the policy has no assignment, neither direct nor inherited.
    pub(super) fn is_empty(&self) -> bool {
        self.direct.is_empty() && self.inherited.is_empty()
    }

    /// The direct assignments. If `spellings` has an assignment that differs only in case, its spelling is used.
    pub(super) fn assignments(&self, spellings: &[Assignment]) -> Vec<Assignment> {
        let spellings = Spellings::new(spellings);
        self.direct.iter().map(|(assignment, _)| spellings.apply_to(assignment).clone()).collect()
    }

    /// [`Self::canonical`] as strings, for the records of the session.
    pub(super) fn canonical_strings(&self) -> BTreeSet<String> {
        self.canonical().iter().map(ToString::to_string).collect()
    }

    /// All assignments, direct and inherited, in Graph's spelling.
    pub(super) fn all(&self) -> impl Iterator<Item = &Assignment> {
        let inherited = self.inherited.iter().map(|inherited| &inherited.assignment);
        self.direct.iter().map(|(assignment, _)| assignment).chain(inherited)
    }

    /// The direct assignments in Graph's spelling.
    pub(super) fn in_graph_spelling(&self) -> BTreeSet<Assignment> {
        self.direct.iter().map(|(assignment, _)| assignment.clone()).collect()
    }

    /// The targets whose type this version does not know and cannot write.
    pub(super) fn unknown_target_types(&self) -> Vec<UnknownTarget> {
        let unknown = self.direct.iter().filter(|(assignment, _)| !assignment.has_known_target_type());
        unknown
            .map(|(assignment, id)| UnknownTarget {
                target_type: assignment.target_type.clone(),
                graph_id: id.clone().unwrap_or_default(),
            })
            .collect()
    }

    /// Graph's ids of the direct assignments by their keys.
    pub(super) fn assignment_ids(&self) -> AssignmentIds {
        self.direct.iter().map(|(assignment, id)| (assignment.key(), id.clone())).collect()
    }

    /// The direct assignments in canonical form, which ignores order, case and Graph's ids.
    pub(super) fn canonical(&self) -> BTreeSet<Assignment> {
        self.direct.iter().map(|(assignment, _)| assignment.canonical()).collect()
    }
}

/// Assignments in canonical form, for comparison with [`AssignmentRows::canonical`].
pub(super) fn canonical(assignments: &[Assignment]) -> BTreeSet<Assignment> {
    assignments.iter().map(Assignment::canonical).collect()
}

/// Converts a target. If its type is unknown, only the type name is kept, because the meaning of the other members is
/// not known.
fn assignment(target: &AssignmentTarget) -> Assignment {
    let target_type = target.type_name().to_owned();
    if target.kind().is_none() {
        return Assignment { target_type, group_id: None, collection_id: None, filter: None };
    }
    let filter = target
        .filter()
        .map(|filter| Filter { filter_id: filter.id.to_owned(), filter_type: filter.filter_type.to_owned() });
    Assignment {
        target_type,
        group_id: target.group_id.clone(),
        collection_id: target.collection_id.clone(),
        filter,
    }
}

fn inherited_assignment(row: types::Assignment) -> InheritedAssignment {
    InheritedAssignment {
        assignment: assignment(&row.target),
        source: row.source.unwrap_or_default(),
        source_id: row.source_id,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::graph::types::TargetKind;
    use crate::resources::assignments::{names, to_graph};

    const GROUP_ID: &str = "a1b2c3d4-0000-0000-0000-000000000001";

    fn row(source: &str, target: &Value) -> types::Assignment {
        serde_json::from_value(json!({"id": "p_g", "source": source, "sourceId": "s", "target": target}))
            .unwrap()
    }

    fn group(filter_id: &Value, filter_type: &Value) -> Value {
        json!({
            "@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupId": GROUP_ID,
            "deviceAndAppManagementAssignmentFilterId": filter_id,
            "deviceAndAppManagementAssignmentFilterType": filter_type,
        })
    }

    #[test]
    fn null_absent_and_zero_filters_are_equal() {
        let zero = "00000000-0000-0000-0000-000000000000";
        let plain = Assignment {
            target_type: names::GROUP.to_owned(),
            group_id: Some(GROUP_ID.to_owned()),
            collection_id: None,
            filter: None,
        };
        for (id, filter_type) in
            [(json!(null), json!("none")), (json!(null), json!(null)), (json!(zero), json!("none"))]
        {
            let rows = AssignmentRows::new(vec![row("direct", &group(&id, &filter_type))]);
            assert_eq!(rows.assignments(&[]), std::slice::from_ref(&plain));
        }
    }

    #[test]
    fn assignments_from_policy_sets_are_not_direct() {
        let target = group(&json!(null), &json!("none"));
        let rows = AssignmentRows::new(vec![row("policySets", &target), row("direct", &target)]);
        assert_eq!(rows.assignments(&[]).len(), 1);
        assert_eq!(rows.inherited.len(), 1);
        assert_eq!(
            rows.assignment_ids().keys().collect::<Vec<_>>(),
            [&format!("groupAssignmentTarget/{GROUP_ID}")]
        );
    }

    #[test]
    fn the_spelling_of_the_state_is_kept() {
        let rows = AssignmentRows::new(vec![row("direct", &group(&json!(null), &json!("none")))]);
        let mut spelled = rows.assignments(&[]);
        spelled[0].group_id = Some(GROUP_ID.to_uppercase());
        assert_eq!(rows.assignments(&spelled), spelled);
        assert_eq!(rows.canonical(), canonical(&spelled));
    }

    #[test]
    fn a_target_of_an_unknown_type_keeps_only_its_type_name() {
        let target =
            json!({"@odata.type": "#microsoft.graph.organizationalUnitAssignmentTarget", "groupId": "x"});
        let assignments = AssignmentRows::new(vec![row("direct", &target)]).assignments(&[]);
        assert_eq!(assignments[0].target_type, "organizationalUnitAssignmentTarget");
        assert_eq!(assignments[0].group_id, None);
        assert_eq!(to_graph::targets(&assignments), None);
    }

    #[test]
    fn the_schema_and_the_client_know_the_same_target_types() {
        let known: BTreeSet<&str> = TargetKind::ALL.into_iter().map(TargetKind::type_name).collect();
        assert_eq!(names::TARGET_TYPES.iter().copied().collect::<BTreeSet<_>>(), known);
    }

    #[test]
    fn every_target_type_survives_a_round_trip() {
        let filter = Some(Filter { filter_id: "f".to_owned(), filter_type: "exclude".to_owned() });
        for target_type in names::TARGET_TYPES {
            let is_group = target_type.contains("roupAssignmentTarget");
            let original = Assignment {
                target_type: (*target_type).to_owned(),
                group_id: is_group.then(|| GROUP_ID.to_owned()),
                collection_id: (*target_type == names::COLLECTION).then(|| "SMS00001".to_owned()),
                filter: filter.clone(),
            };
            let targets = to_graph::targets(std::slice::from_ref(&original)).unwrap();
            assert_eq!(assignment(&targets[0]), original);
        }
    }
}
