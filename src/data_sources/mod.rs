//! The data sources. They read from Graph and change nothing. The private modules hold the code that several data
//! sources share.
//!
//! A data source that looks up a single object fails if it finds no object or several. A data source that lists objects
//! may return an empty list.

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
