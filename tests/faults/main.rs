//! Tests every fault with every operation: the cells of the tables in the guide "What happens when something fails".
//! The tests call the service through gRPC and the emulator over loopback; pauses take no time.
//!
//! The test of a cell is `<table>::<fault>::<operation>`.
//!
//! | part | files |
//! | --- | --- |
//! | the tables | `reading` (faults of reads), `writing` (faults of writes) |
//! | one cell | `case` (fault, operation and start), `behaviour` (what must follow) |
//! | one test | `trial` (runs a case), `relay` (breaks connections), `clock`, `ending` (the result) |
//! | the guide | `guide` compares the tables with the page |

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail loudly"
)]

#[path = "../support/closed_port.rs"]
mod closed_port;
#[path = "../support/directory.rs"]
#[allow(dead_code, reason = "shared with tests that sign in in other ways")]
mod directory;
#[path = "../support/http.rs"]
mod http;
#[path = "../support/in_process.rs"]
#[allow(dead_code, reason = "shared with the tests of single methods, which need more of it")]
mod in_process;
#[path = "../support/scene.rs"]
#[allow(dead_code, reason = "shared with the tests of single methods, which need more of it")]
mod scene;
#[path = "../support/target.rs"]
#[allow(dead_code, reason = "shared with the scenarios of the command line, which need more of it")]
mod target;
#[path = "../support/tenant.rs"]
#[allow(dead_code, reason = "shared with the scenarios of the command line, which need more of it")]
mod tenant;

#[macro_use]
mod macros;

mod behaviour;
mod case;
mod clock;
mod ending;
mod guide;
mod reading;
mod relay;
mod trial;
mod writing;
