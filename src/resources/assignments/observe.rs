//! Reads the assignments of a policy for a data source. There is no prior state, and nothing is sent that
//! changes the policy. Errors are values; the data source turns them into diagnostics.

use crate::graph;
use crate::terraform::value::Value;

use super::from_graph::AssignmentRows;
use super::kind::{PolicyKind, WrongType};
use super::model::AssignmentModel;
use super::names::{ASSIGNMENT_IDS, ASSIGNMENTS, INHERITED_ASSIGNMENTS};
use super::new_state::refreshed_state;

/// How many assignments a policy has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AssignmentCounts {
    /// Assignments of the policy itself.
    pub(crate) direct: usize,
    /// Assignments that come from policy sets.
    pub(crate) inherited: usize,
}

/// Why the assignments of a policy are not known.
#[derive(Debug)]
pub(crate) enum ObserveError {
    /// A request failed.
    Graph(graph::Error),
    /// The policy is of another type.
    WrongType {
        /// The policy's name in quotation marks.
        name: String,
        /// The actual and the expected kind.
        kind: WrongType,
    },
}

/// Reads a policy and returns the values of the attributes in [`super::schema::observed_attributes`].
///
/// # Errors
/// A request failed, the policy does not exist, or it is of another type.
pub(crate) async fn observe(
    client: &graph::Client,
    kind: &'static PolicyKind,
    id: &str,
) -> Result<Vec<(&'static str, Value)>, ObserveError> {
    let calls = client.policies(kind.collection);
    let (policy, rows) = tokio::join!(calls.get(id), calls.list_assignments(id));
    let policy = policy.map_err(ObserveError::Graph)?;
    if let Some(other) = (kind.find_wrong_type)(&policy) {
        return Err(ObserveError::WrongType { name: policy.quoted_name(), kind: other });
    }
    let rows = AssignmentRows::new(rows.map_err(ObserveError::Graph)?);
    let state = refreshed_state(AssignmentModel::from_policy_id(kind, id.to_owned()), &rows).to_value();
    let observed = [ASSIGNMENTS, ASSIGNMENT_IDS, INHERITED_ASSIGNMENTS];
    Ok(observed.map(|name| (name, state.attribute(name).cloned().unwrap_or(Value::Null))).into())
}

/// Counts the assignments of a policy.
pub(crate) async fn count(
    client: &graph::Client,
    kind: &'static PolicyKind,
    id: &str,
) -> Result<AssignmentCounts, graph::Error> {
    let rows = AssignmentRows::new(client.policies(kind.collection).list_assignments(id).await?);
    let prior = &[];
    Ok(AssignmentCounts { direct: rows.assignments(prior).len(), inherited: rows.inherited.len() })
}
