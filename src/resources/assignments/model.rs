//! The typed state of the resource, and its conversion from and to Terraform's values.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::graph::GroupId;
use crate::graph::ids::to_lower_case;
use crate::resources::timeouts::{TIMEOUTS, Timeouts};
use crate::terraform::diagnostic::Diagnostic;
use crate::terraform::value::Value;

use super::kind::PolicyKind;
use super::names::{
    ASSIGNMENT_IDS, ASSIGNMENTS, COLLECTION_ID, FILTER_ID, FILTER_TYPE, GROUP_ID, ID, INHERITED_ASSIGNMENTS,
    OVERWRITE_EXISTING, SKIP_DESTROY, SOURCE, SOURCE_ID, TARGET_TYPES, TYPE,
};

/// A state or a planned state.
#[derive(Debug, Clone, PartialEq)]
pub struct AssignmentModel {
    /// The kind of the policy.
    pub kind: &'static PolicyKind,
    /// The policy's id in the user's spelling. The attribute `id` has the same value.
    pub policy_id: String,
    /// All direct assignments; empty at the start of an import, before the first read.
    pub assignments: Vec<Assignment>,
    /// Whether a create may replace existing assignments.
    pub overwrite_existing: Option<bool>,
    /// Whether a destroy leaves the policy assigned.
    pub skip_destroy: Option<bool>,
    /// The `timeouts` block.
    pub timeouts: Timeouts,
    /// Graph's ids of the direct assignments; `None` if a plan does not know them, or at the start of an import.
    pub assignment_ids: Option<AssignmentIds>,
    /// Assignments from policy sets; `None` if a plan does not know them, or at the start of an import.
    pub inherited_assignments: Option<Vec<InheritedAssignment>>,
}

/// Graph's id of each direct assignment by [`Assignment::key`]. In a planned state, `None` means that the id is
/// unknown; in a stored state, `None` means that Graph returned no id.
pub type AssignmentIds = BTreeMap<String, Option<String>>;

/// A direct assignment as a user writes it. If this version does not know the target type, only `target_type` is set.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Assignment {
    /// Graph's name of the target's type, without namespace.
    pub target_type: String,
    /// Only for the two target types of groups.
    pub group_id: Option<String>,
    /// Only for Configuration Manager collections.
    pub collection_id: Option<String>,
    /// The filter, if there is one.
    pub filter: Option<Filter>,
}

/// An assignment filter and its mode.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Filter {
    /// The filter's id.
    pub filter_id: String,
    /// `include` or `exclude`.
    pub filter_type: String,
}

/// An assignment that comes from a policy set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InheritedAssignment {
    /// The target.
    pub assignment: Assignment,
    /// Graph's name of the source, such as `policySets`.
    pub source: String,
    /// The id of the policy set.
    pub source_id: Option<String>,
}

/// Conversion from and to Terraform's values.
impl AssignmentModel {
    /// Reads a state or a planned state.
    ///
    /// # Errors
    /// The object is not of the schema's type.
    pub fn from_value(kind: &'static PolicyKind, value: &Value) -> Result<Self, Diagnostic> {
        let invalid_state = |fact: &str| invalid_state(kind, fact);
        let policy_id = string_attribute(value, kind.id_attribute)
            .ok_or_else(|| invalid_state(&format!("{} is not known", kind.id_attribute)))?;
        let assignments = value.attribute(ASSIGNMENTS).unwrap_or(&Value::Null);
        if !assignments.is_wholly_known() {
            return Err(invalid_state("assignments are not wholly known"));
        }
        Ok(Self {
            kind,
            policy_id,
            assignments: Assignment::all_from_value(assignments)
                .ok_or_else(|| invalid_state("an element of assignments has no type"))?,
            overwrite_existing: value.attribute(OVERWRITE_EXISTING).and_then(Value::as_bool),
            skip_destroy: value.attribute(SKIP_DESTROY).and_then(Value::as_bool),
            timeouts: Timeouts::from_state(value),
            assignment_ids: assignment_ids(value),
            inherited_assignments: inherited_assignments(value),
        })
    }

    /// The state as an object of the schema's type.
    pub fn to_value(&self) -> Value {
        let ids = |ids: &AssignmentIds| {
            Value::Map(ids.iter().map(|(key, id)| (key.clone(), string_or_null(id.as_deref()))).collect())
        };
        let inherited = |assignments: &Vec<InheritedAssignment>| {
            Value::set(assignments.iter().map(InheritedAssignment::to_value))
        };
        Value::object([
            (ID, Value::string(&self.policy_id)),
            (self.kind.id_attribute, Value::string(&self.policy_id)),
            (ASSIGNMENTS, self.assignments_value()),
            (OVERWRITE_EXISTING, self.overwrite_existing.map_or(Value::Null, Value::Bool)),
            (SKIP_DESTROY, self.skip_destroy.map_or(Value::Null, Value::Bool)),
            (TIMEOUTS, self.timeouts.to_value()),
            (ASSIGNMENT_IDS, self.assignment_ids.as_ref().map_or(Value::Null, ids)),
            (INHERITED_ASSIGNMENTS, self.inherited_assignments.as_ref().map_or(Value::Null, inherited)),
        ])
    }
}

impl AssignmentModel {
    /// Whether the state has any assignment, direct or inherited.
    pub fn has_assignments(&self) -> bool {
        !self.assignments.is_empty()
            || self.inherited_assignments.as_ref().is_some_and(|inherited| !inherited.is_empty())
    }

    /// The attribute `assignments`.
    pub fn assignments_value(&self) -> Value {
        Value::set(self.assignments.iter().map(Assignment::to_value))
    }

    /// A state that has only the policy's id, as at the start of an import.
    pub fn from_policy_id(kind: &'static PolicyKind, policy_id: String) -> Self {
        Self {
            kind,
            policy_id,
            assignments: Vec::new(),
            overwrite_existing: None,
            skip_destroy: None,
            timeouts: Timeouts::default(),
            assignment_ids: None,
            inherited_assignments: None,
        }
    }
}

impl Assignment {
    /// Reads a set; `None` if any element cannot be read, because a write must not drop elements.
    pub fn all_from_value(set: &Value) -> Option<Vec<Self>> {
        elements(set).map(Self::from_value).collect()
    }

    /// Reads an element; `None` if it is not a known object with a type.
    pub fn from_value(value: &Value) -> Option<Self> {
        let filter = match (string_attribute(value, FILTER_ID), string_attribute(value, FILTER_TYPE)) {
            (Some(filter_id), Some(filter_type)) => Some(Filter { filter_id, filter_type }),
            _ => None,
        };
        Some(Self {
            target_type: string_attribute(value, TYPE)?,
            group_id: string_attribute(value, GROUP_ID),
            collection_id: string_attribute(value, COLLECTION_ID),
            filter,
        })
    }

    /// The element as a user writes it.
    pub fn to_value(&self) -> Value {
        Value::object(self.attributes())
    }

    fn attributes(&self) -> [(&'static str, Value); 5] {
        let filter = self.filter.as_ref();
        [
            (TYPE, Value::string(&self.target_type)),
            (GROUP_ID, string_or_null(self.group_id.as_deref())),
            (COLLECTION_ID, string_or_null(self.collection_id.as_deref())),
            (FILTER_ID, string_or_null(filter.map(|filter| filter.filter_id.as_str()))),
            (FILTER_TYPE, string_or_null(filter.map(|filter| filter.filter_type.as_str()))),
        ]
    }

    /// The assignment with all ids in lower case. Graph treats two assignments as equal if their canonical forms are
    /// equal.
    #[must_use]
    pub fn canonical(&self) -> Self {
        let lower = |id: &Option<String>| id.as_deref().map(|id| to_lower_case(id).into_owned());
        Self {
            target_type: self.target_type.clone(),
            group_id: lower(&self.group_id),
            collection_id: lower(&self.collection_id),
            filter: self.filter.as_ref().map(|filter| Filter {
                filter_id: to_lower_case(&filter.filter_id).into_owned(),
                filter_type: filter.filter_type.clone(),
            }),
        }
    }

    /// Whether this version knows the target type and can write it.
    pub fn has_known_target_type(&self) -> bool {
        TARGET_TYPES.contains(&self.target_type.as_str())
    }

    /// The key in `assignment_ids`: `type`, `type/group_id` or `type/collection_id`, ids in lower case.
    pub fn key(&self) -> String {
        match self.group_id.as_deref().or(self.collection_id.as_deref()) {
            Some(id) => format!("{}/{}", self.target_type, to_lower_case(id)),
            None => self.target_type.clone(),
        }
    }
}

/// Formats the assignment for messages: `groupAssignmentTarget a1b2…, filter include f0…`.
impl fmt::Display for Assignment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.target_type)?;
        if let Some(id) = self.group_id.as_deref().or(self.collection_id.as_deref()) {
            write!(f, " {id}")?;
        }
        match &self.filter {
            Some(filter) => write!(f, ", filter {} {}", filter.filter_type, filter.filter_id),
            None => Ok(()),
        }
    }
}

impl InheritedAssignment {
    fn from_value(value: &Value) -> Option<Self> {
        let assignment = Assignment::from_value(value)?;
        Some(Self {
            assignment,
            source: string_attribute(value, SOURCE)?,
            source_id: string_attribute(value, SOURCE_ID),
        })
    }

    fn to_value(&self) -> Value {
        let source =
            [(SOURCE, Value::string(&self.source)), (SOURCE_ID, string_or_null(self.source_id.as_deref()))];
        Value::object(self.assignment.attributes().into_iter().chain(source))
    }
}

fn assignment_ids(value: &Value) -> Option<AssignmentIds> {
    let ids = value.attribute(ASSIGNMENT_IDS)?.as_map()?;
    Some(ids.iter().map(|(key, id)| (key.clone(), id.as_str().map(str::to_owned))).collect())
}

fn inherited_assignments(value: &Value) -> Option<Vec<InheritedAssignment>> {
    let assignments = value.attribute(INHERITED_ASSIGNMENTS)?.as_set()?;
    Some(assignments.iter().filter_map(InheritedAssignment::from_value).collect())
}

fn elements(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_set().into_iter().flat_map(|set| set.iter())
}

fn string_attribute(value: &Value, name: &str) -> Option<String> {
    value.attribute(name).and_then(Value::as_str).map(str::to_owned)
}

fn string_or_null(text: Option<&str>) -> Value {
    text.map_or(Value::Null, Value::string)
}

fn invalid_state(kind: &PolicyKind, fact: &str) -> Diagnostic {
    Diagnostic::error(
        format!("The state of {} cannot be used", kind.resource_type),
        format!(
            "In the state from Terraform, {fact}. If the state was not edited by hand, this is a bug in the provider; \
             please report it. Nothing was changed."
        ),
    )
}

/// The groups that the planned set adds. Only these groups are checked: a group that was in the prior set and has been
/// deleted since must not prevent a write.
pub(super) fn added_groups(planned: &[Assignment], prior: &[Assignment]) -> Vec<GroupId> {
    let groups = |assignments: &[Assignment]| -> BTreeSet<GroupId> {
        assignments
            .iter()
            .filter_map(|assignment| Some(GroupId::new(assignment.group_id.as_ref()?)))
            .collect()
    };
    groups(planned).difference(&groups(prior)).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources::assignments::kind::EXAMPLE;
    use crate::resources::assignments::{names, schema};

    fn full_model() -> AssignmentModel {
        let assignment = Assignment {
            target_type: names::GROUP.to_owned(),
            group_id: Some("A1B2C3D4-0000-0000-0000-000000000001".to_owned()),
            collection_id: None,
            filter: Some(Filter {
                filter_id: "A1B2C3D4-0000-0000-0000-00000000000f".to_owned(),
                filter_type: "include".to_owned(),
            }),
        };
        AssignmentModel {
            kind: &EXAMPLE,
            policy_id: "0B8A3D5E-1f2c-4d6b-9a70-5c3e8f1d2b4a".to_owned(),
            assignment_ids: Some(BTreeMap::from([(assignment.key(), Some("p_g".to_owned()))])),
            inherited_assignments: Some(vec![InheritedAssignment {
                assignment: assignment.clone(),
                source: "policySets".to_owned(),
                source_id: Some("s".to_owned()),
            }]),
            assignments: vec![assignment],
            overwrite_existing: Some(true),
            skip_destroy: None,
            timeouts: Timeouts::from_state(&Value::object([(
                TIMEOUTS,
                Value::object([
                    ("create", Value::string("90s")),
                    ("read", Value::Null),
                    ("update", Value::Null),
                    ("delete", Value::Null),
                ]),
            )])),
        }
    }

    #[test]
    fn a_state_survives_a_round_trip() {
        for model in [full_model(), AssignmentModel::from_policy_id(&EXAMPLE, "p".to_owned())] {
            assert_eq!(AssignmentModel::from_value(&EXAMPLE, &model.to_value()).unwrap(), model);
        }
    }

    #[test]
    fn a_state_has_exactly_the_attributes_of_the_schema() {
        let names = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        let crate::terraform::ty::Type::Object(attributes) = schema::resource(&EXAMPLE).ty() else {
            panic!("the type is an object")
        };
        assert_eq!(names(&full_model().to_value()), attributes.into_keys().collect::<Vec<_>>());
    }

    #[test]
    fn keys_hold_ids_in_lower_case() {
        let model = full_model();
        let keys: Vec<_> = model.assignments.iter().map(Assignment::key).collect();
        assert_eq!(keys, ["groupAssignmentTarget/a1b2c3d4-0000-0000-0000-000000000001"]);
    }
}
