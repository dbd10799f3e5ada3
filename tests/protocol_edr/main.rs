//! The tests of `tests/protocol` for EDR policies, as far as they are about one kind of policy. `support/kind.rs`
//! translates what they send and expect. Left out is what does not depend on the kind (the schema, methods without a
//! policy, a second resource) and the refresh by a list, which is for device configurations only. What only EDR policies
//! have is in `edr`.

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
#[allow(dead_code, reason = "shared with the tests of single methods, which need more of it")]
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

#[path = "../protocol/answers.rs"]
mod answers;
#[path = "../protocol/bodies.rs"]
mod bodies;
mod edr;
#[path = "../protocol/guards.rs"]
mod guards;
#[path = "../protocol/lifecycle.rs"]
mod lifecycle;
#[path = "../protocol/many_targets.rs"]
mod many_targets;
#[path = "../protocol/pauses.rs"]
mod pauses;
#[path = "../protocol/plans.rs"]
mod plans;
#[path = "../protocol/preflight.rs"]
mod preflight;
#[path = "../protocol/promise/mod.rs"]
mod promise;
