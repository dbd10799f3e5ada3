//! What each address does: one file per entity or action. Each function takes a call and the state, and
//! answers or refuses; nothing here knows sockets, batches or limits.

mod assign;
pub mod assignment_filters;
mod assignments;
pub mod device_configurations;
pub mod directory_objects;
pub mod groups;
mod target_rules;

/// Rows per page of an Intune collection, where the client and the emulator's settings say nothing. The
/// service's own number is not published.
const INTUNE_PAGE: usize = 1000;

/// Rows per page of a directory collection, where the client and the emulator's settings say nothing.
const DIRECTORY_PAGE: usize = 100;
