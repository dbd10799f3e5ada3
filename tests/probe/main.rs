//! The command `probe` as a process, against the emulator: what it asks, what it reports, and that it leaves nothing behind.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail by panicking"
)]

mod answers;
#[cfg(unix)]
mod interruptions;
mod refusals;
mod world;
