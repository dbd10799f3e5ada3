//! The entities as typed state: read from JSON member by member, rendered from fields. Nothing that a client
//! sent is kept as it came.

pub mod applicability;
pub mod assignment;
pub mod assignment_filter;
pub mod defender;
pub mod group;
pub mod policy;
pub mod target;

use uuid::Uuid;

use super::members::{Members, ShapeError};

/// A GUID in its usual form of 36 characters, in lower case as the service gives it back.
pub fn guid(text: &str) -> Option<String> {
    if text.len() != 36 {
        return None;
    }
    Uuid::try_parse(text).ok().map(|id| id.to_string())
}

/// The id of an object in the tenant file or test control: a GUID, or a fresh one where none is given.
pub fn seeded_id(members: &mut Members) -> Result<String, ShapeError> {
    match members.text("id")?.value() {
        None => Ok(Uuid::new_v4().to_string()),
        Some(id) => {
            guid(&id).ok_or_else(|| ShapeError::new(&members.place("id"), format!("'{id}' is not a GUID.")))
        }
    }
}
