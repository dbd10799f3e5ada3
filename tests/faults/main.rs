//! Every fault at every operation: the tables of the guide "What happens when something fails", cell by cell. The
//! service is called through gRPC, the emulator over loopback; pauses take no time.
//!
//! A cell is a test of the name `<table>::<fault>::<operation>`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail loudly"
)]

/// Makes rows of a table and a test of each cell. A row is a function that makes the cases of its cells.
macro_rules! faults {
    ($($fault:ident { $($operation:ident: $behaviour:ident),+ })+) => {
        pub const ROWS: &[crate::guide::Row] =
            &[$((stringify!($fault), &[$((stringify!($operation), Behaviour::$behaviour)),+])),+];

        $(mod $fault {
            use crate::behaviour::Behaviour;
            use crate::case::Operation;
            use crate::trial::hold;

            $(#[tokio::test]
            async fn $operation() {
                hold(super::$fault, Operation::of(stringify!($operation)), Behaviour::$behaviour).await;
            })+
        })+
    };
}

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

mod behaviour;
mod case;
mod clock;
mod ending;
mod guide;
mod looking;
mod relay;
mod trial;
mod writing;
