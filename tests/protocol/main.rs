//! The gRPC methods in process: encoded requests in, decoded answers out.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail loudly"
)]

#[path = "../support/directory.rs"]
#[allow(dead_code, reason = "shared with tests that sign in in other ways")]
mod directory;
#[path = "../support/http.rs"]
mod http;
#[path = "../support/in_process.rs"]
mod in_process;
#[path = "../support/manual_clock.rs"]
#[allow(dead_code, reason = "shared with the tests of retries, which read its pauses")]
mod manual_clock;
#[path = "../support/scene.rs"]
#[allow(dead_code, reason = "shared with the soak, which needs more of it")]
mod scene;
#[path = "../support/scripted_graph.rs"]
#[allow(dead_code, reason = "shared with the tests of the Graph client, which need more of it")]
mod scripted_graph;
#[path = "../support/target.rs"]
#[allow(dead_code, reason = "shared with the scenarios of the command line, which need more of it")]
mod target;
#[path = "../support/tenant.rs"]
#[allow(dead_code, reason = "shared with the scenarios of the command line, which need more of it")]
mod tenant;

mod answers;
mod bodies;
mod bulk_refresh;
mod conformance;
mod guards;
mod lifecycle;
mod many_targets;
mod methods;
mod pauses;
mod plans;
mod policy_creates;
mod policy_deletes;
mod policy_package;
mod preflight;
mod promise;
mod schema_rules;
mod second_resource;
mod two_kinds;
