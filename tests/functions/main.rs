//! The provider functions through the gRPC service in process: laws that hold for drawn targets, and everything that is
//! refused. Each call is made on an unconfigured and on a configured provider.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail loudly"
)]

#[path = "../support/in_process.rs"]
#[allow(dead_code, reason = "shared with the tests of resources, which need more of it")]
mod in_process;

mod arguments;
mod caller;
mod drawn;
mod laws;
mod refusals;
mod signatures;
