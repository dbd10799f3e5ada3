//! Random GUIDs from the generator of the thread, so that a seed decides them.

use uuid::Builder;

/// A new GUID in lower case.
pub fn random_guid() -> String {
    Builder::from_random_bytes(fastrand::u128(..).to_be_bytes()).into_uuid().to_string()
}
