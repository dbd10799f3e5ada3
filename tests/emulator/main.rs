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
mod errors;
mod faults;
mod filters;
mod paging;
mod policies;
mod semantics;
mod support;
