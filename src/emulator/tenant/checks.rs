//! Slips in a tenant file that no single object shows: repeated ids and rows, and references to what the file lacks.

use std::collections::HashSet;

use crate::emulator::member_reader::ShapeError;
use crate::emulator::model::assignable::AssignablePolicy;
use crate::emulator::model::assignment::StoredAssignment;
use crate::emulator::model::policy_collection::PolicyCollection;
use crate::emulator::state::TenantState;

/// Means "no filter" in some policy types.
const NO_FILTER: &str = "00000000-0000-0000-0000-000000000000";

/// Refuses what can only be a slip.
pub fn refuse_slips(state: &TenantState) -> Result<(), ShapeError> {
    for collection in PolicyCollection::ALL {
        refuse_repeated(collection.name(), state.policies_of(collection).map(AssignablePolicy::id))?;
    }
    refuse_repeated("groups", state.groups.iter().map(|group| group.id.as_str()))?;
    refuse_repeated("assignmentFilters", state.filters.iter().map(|filter| filter.id.as_str()))?;
    refuse_repeated("roleScopeTags", state.scope_tags.iter().map(|tag| tag.id.as_str()))?;
    let mut rows = HashSet::new();
    for PlacedRow { policy, at, row } in placed_rows(state) {
        if !rows.insert((policy, row.id.to_ascii_lowercase(), row.is_direct(), row.source_id.clone())) {
            let text = format!("the assignment '{}' is in the policy twice", row.id);
            return Err(ShapeError::new(&at, text));
        }
        let filter = row.target.filter_id.as_deref().filter(|id| *id != NO_FILTER);
        if let Some(id) = filter.filter(|id| state.filter(id).is_none()) {
            let text = format!("the assignment filter '{id}' is not in the file under \"assignmentFilters\"");
            return Err(ShapeError::new(&format!("{at}.target"), text));
        }
    }
    Ok(())
}

/// Assigned groups that are not in the file. The service keeps assignments to deleted groups, so they are no error.
pub fn missing_groups(state: &TenantState) -> Vec<String> {
    let missing = placed_rows(state).filter_map(|PlacedRow { at, row, .. }| {
        let id = row.target.group_id().filter(|id| state.group(id).is_none())?;
        Some(format!("{at}: the group {id} is not in the file under \"groups\", so it counts as deleted"))
    });
    missing.collect()
}

/// An assignment and its place in the file.
struct PlacedRow<'a> {
    /// Collection and id of its policy.
    policy: (&'static str, &'a str),
    at: String,
    row: &'a StoredAssignment,
}

/// The assignments of all policies.
fn placed_rows(state: &TenantState) -> impl Iterator<Item = PlacedRow<'_>> {
    let numbered = PolicyCollection::ALL.into_iter().flat_map(|collection| {
        state
            .policies_of(collection)
            .enumerate()
            .map(move |(number, policy)| (collection.name(), number, policy))
    });
    numbered.flat_map(|(collection, number, policy)| {
        policy.assignments().iter().enumerate().map(move |(index, row)| PlacedRow {
            policy: (collection, policy.id()),
            at: format!("{collection}[{number}].assignments[{index}]"),
            row,
        })
    })
}

fn refuse_repeated<'a>(collection: &str, ids: impl Iterator<Item = &'a str>) -> Result<(), ShapeError> {
    let mut seen = HashSet::new();
    for (index, id) in ids.enumerate() {
        if !seen.insert(id) {
            let (at, text) = (format!("{collection}[{index}].id"), format!("'{id}' occurs twice"));
            return Err(ShapeError::new(&at, text));
        }
    }
    Ok(())
}
