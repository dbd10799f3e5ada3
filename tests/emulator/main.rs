//! The emulator over HTTP: each error before the success, and reads that see the previous write.
//! The client is reqwest; nothing is shared with the provider's Graph client.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may fail by panicking"
)]

mod assign;
mod assignments;
mod batch;
mod binary;
mod configuration_policies;
mod connections;
mod connectors;
mod control;
mod creates;
mod device_figures;
mod directory;
mod discovery;
#[cfg(target_os = "linux")]
mod endurance;
mod entra;
mod errors;
mod faults;
mod filters;
mod lists;
mod managed_identity;
mod member_counts;
mod oidc;
mod origin_check;
mod paging;
mod policies;
mod query_options;
mod reference;
mod roles;
mod seed;
mod semantics;
mod sign_in;
mod support;
mod tenant_files;
