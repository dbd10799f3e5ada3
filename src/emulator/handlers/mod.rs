//! What each address does: one file per entity or action. Each function takes a request and the tenant state.
//! Nothing here knows sockets, batches or limits.

mod assign;
pub mod assignment_filters;
mod assignments;
pub mod configuration_policies;
pub mod conflict_summaries;
pub mod device_configurations;
mod device_status_overview;
pub mod directory_objects;
mod group_members;
pub mod groups;
mod onboarding_rules;
pub mod onboarding_summary;
pub mod role_scope_tags;
mod target_rules;
pub mod threat_defense_connectors;

/// The default page size of an Intune collection. The service's own number is not published.
const INTUNE_PAGE: usize = 1000;

/// The default page size of the settings catalog.
const CATALOG_PAGE: usize = 25;

/// The default page size of a directory collection.
const DIRECTORY_PAGE: usize = 100;
