//! What every kind of object has in common in the tenant file and in test control.

use serde_json::{Map, Value, json};

use super::assignment::StoredAssignment;
use super::guid;
use super::policy_collection::PolicyCollection;
use crate::emulator::member_reader::{MemberReader, ShapeError};
use crate::emulator::random_id::random_guid;

/// Reads the id of an object: a GUID, or a new one if there is none.
pub fn read_id(members: &mut MemberReader) -> Result<String, ShapeError> {
    match members.text("id")?.value() {
        None => Ok(random_guid()),
        Some(id) => {
            guid(&id).ok_or_else(|| ShapeError::new(&members.place("id"), format!("'{id}' is not a GUID.")))
        }
    }
}

/// Reads a count; if it is left out or null, it is 0.
pub fn read_count(members: &mut MemberReader, name: &str) -> Result<u32, ShapeError> {
    let number = members.integer(name)?.value().unwrap_or_default();
    u32::try_from(number)
        .map_err(|_| ShapeError::new(&members.place(name), format!("{number} is not a count.")))
}

/// Reads several counts.
pub fn read_counts<const N: usize>(
    members: &mut MemberReader,
    names: [&str; N],
) -> Result<[u32; N], ShapeError> {
    let mut counts = [0; N];
    for (count, name) in counts.iter_mut().zip(names) {
        *count = read_count(members, name)?;
    }
    Ok(counts)
}

/// Members with counts.
pub fn render_counts<const N: usize>(names: [&str; N], counts: [u32; N]) -> Map<String, Value> {
    names.into_iter().zip(counts).map(|(name, count)| (name.to_owned(), json!(count))).collect()
}

/// Reads when a policy was created and changed last.
pub fn read_timestamps(
    members: &mut MemberReader,
    created: &mut String,
    last_modified: &mut String,
) -> Result<(), ShapeError> {
    for (name, property) in [("createdDateTime", created), ("lastModifiedDateTime", last_modified)] {
        if let Some(timestamp) = members.timestamp(name)? {
            *property = timestamp;
        }
    }
    Ok(())
}

/// Reads the assignments of a policy.
pub fn read_assignments(
    members: &mut MemberReader,
    collection: PolicyCollection,
    policy_id: &str,
) -> Result<Vec<StoredAssignment>, ShapeError> {
    let rows = members.list("assignments")?.value().unwrap_or_default();
    StoredAssignment::list_from_seed(collection, rows, policy_id, &members.place("assignments"))
}
