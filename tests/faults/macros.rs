//! Makes the tests of the tables.

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
