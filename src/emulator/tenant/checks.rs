//! Slips in a tenant file that no single object shows: repeated ids and rows, and references to what the file lacks.

use std::collections::HashSet;

use crate::emulator::member_reader::ShapeError;
use crate::emulator::state::TenantState;

/// Means "no filter" in some policy types.
const NO_FILTER: &str = "00000000-0000-0000-0000-000000000000";

/// Refuses what can only be a slip.
pub fn refuse_slips(state: &TenantState) -> Result<(), ShapeError> {
    refuse_repeated("deviceConfigurations", state.policies.iter().map(|policy| &policy.id))?;
    refuse_repeated("groups", state.groups.iter().map(|group| &group.id))?;
    refuse_repeated("assignmentFilters", state.filters.iter().map(|filter| &filter.id))?;
    refuse_repeated("roleScopeTags", state.scope_tags.iter().map(|tag| &tag.id))?;
    for (number, policy) in state.policies.iter().enumerate() {
        let mut rows = HashSet::new();
        for (index, row) in policy.assignments.iter().enumerate() {
            let at = format!("deviceConfigurations[{number}].assignments[{index}]");
            if !rows.insert((row.id.to_ascii_lowercase(), row.is_direct(), row.source_id.clone())) {
                let text = format!("the assignment '{}' is in the policy twice", row.id);
                return Err(ShapeError::new(&at, text));
            }
            let filter = row.target.filter_id.as_deref().filter(|id| *id != NO_FILTER);
            if let Some(id) = filter.filter(|id| state.filter(id).is_none()) {
                let text =
                    format!("the assignment filter '{id}' is not in the file under \"assignmentFilters\"");
                return Err(ShapeError::new(&format!("{at}.target"), text));
            }
        }
    }
    Ok(())
}

/// Assigned groups that are not in the file. The service keeps assignments to deleted groups, so they are no error.
pub fn missing_groups(state: &TenantState) -> Vec<String> {
    let mut missing = Vec::new();
    for (number, policy) in state.policies.iter().enumerate() {
        for (index, row) in policy.assignments.iter().enumerate() {
            if let Some(id) = row.target.group_id().filter(|id| state.group(id).is_none()) {
                missing.push(format!(
                    "deviceConfigurations[{number}].assignments[{index}]: the group {id} is not in the file under \"groups\", \
                     so it counts as deleted"
                ));
            }
        }
    }
    missing
}

fn refuse_repeated<'a>(collection: &str, ids: impl Iterator<Item = &'a String>) -> Result<(), ShapeError> {
    let mut seen = HashSet::new();
    for (index, id) in ids.enumerate() {
        if !seen.insert(id) {
            let (at, text) = (format!("{collection}[{index}].id"), format!("'{id}' occurs twice"));
            return Err(ShapeError::new(&at, text));
        }
    }
    Ok(())
}
