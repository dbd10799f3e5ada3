//! The Graph client against real sockets on loopback: paging, errors, batches, and the requests themselves. What the
//! entities mean is tested with the emulator, and retries in `graph_retry.rs`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a test that finds something unexpected has to stop, and says what it proves in its name"
)]

#[path = "../support/closed_port.rs"]
#[allow(dead_code, reason = "shared with tests that choose the port")]
mod closed_port;
#[path = "../support/scripted_graph.rs"]
mod scripted_graph;
#[path = "../support/together.rs"]
mod together;

mod assign;
mod batches;
mod bounds;
mod entities;
mod errors;
mod logging;
mod lookups;
mod paging;
mod refused_tokens;
mod requests;
mod support;
