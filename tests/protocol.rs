//! The gRPC methods in process: encoded requests in, decoded answers out.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail loudly"
)]

#[path = "support/in_process.rs"]
mod in_process;

#[path = "protocol/lifecycle.rs"]
mod lifecycle;
#[path = "protocol/methods.rs"]
mod methods;
#[path = "protocol/plans.rs"]
mod plans;
#[path = "protocol/schema_rules.rs"]
mod schema_rules;
#[path = "protocol/second_resource.rs"]
mod second_resource;
