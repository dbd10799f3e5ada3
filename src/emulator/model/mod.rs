//! The entities as typed state: read from JSON member by member, rendered from fields. Nothing that a client sent is
//! kept as it came.

pub mod applicability;
pub mod assignment;
pub mod assignment_filter;
pub mod defender;
pub mod group;
pub mod policy;
pub mod target;

use uuid::Uuid;

/// A GUID in its usual form of 36 characters, in lower case as the service gives it back.
pub fn guid(text: &str) -> Option<String> {
    if text.len() != 36 {
        return None;
    }
    Uuid::try_parse(text).ok().map(|id| id.to_string())
}
