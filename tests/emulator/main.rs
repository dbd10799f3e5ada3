//! The emulator over its own socket: each refusal before the success, and a write visible to the next read.
//! Speaks HTTP with reqwest and shares nothing with the provider's Graph client.

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
mod control;
mod directory;
mod entra;
mod errors;
mod faults;
mod filters;
mod managed_identity;
mod oidc;
mod paging;
mod policies;
mod roles;
mod semantics;
mod sign_in;
mod support;
mod visitors;
