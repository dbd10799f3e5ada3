//! The data sources: each reads something from Graph and changes nothing. One never uses another; what several share is
//! in the files beside them.
//!
//! A look-up of one thing fails if it finds none or several, and lists what it found. A list may be empty.

pub mod assignment_filter;
pub mod assignments;
pub mod atp_configuration;
pub mod atp_configurations;
pub mod edr_policies;
pub mod edr_policy;
pub mod group;
pub mod onboarding_status;
pub mod policy_conflicts;
pub mod policy_status;

mod attributes;
mod id_or_name;
mod messages;
mod policies;
mod policy_list;
mod read_context;
mod values;
