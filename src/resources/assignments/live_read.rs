//! The assignments of a policy as read just before a write, and whether the write may still use them. The read itself
//! is in [`Policy`](super::policy::Policy).

use std::time::Duration;

use tokio::time::Instant;

use crate::graph::{self, HeldToken};

use super::from_graph::AssignmentRows;

/// The maximum age of a live read when the write is sent.
const MAX_READ_AGE: Duration = Duration::from_secs(1);

/// The assignments of a policy, read just before a write, and the token for the write. The private fields decide
/// whether the write may still use this read.
#[derive(Debug, Clone)]
pub(super) struct LiveRead {
    pub(super) rows: AssignmentRows,
    pub(super) token: HeldToken,
    /// When the read began.
    began: Instant,
    /// The client's count of interruptions when the read began.
    interruptions: u32,
}

/// The parts of a live read that are recorded before its request.
pub(super) struct LiveReadStart {
    token: HeldToken,
    began: Instant,
    interruptions: u32,
}

impl LiveReadStart {
    /// Fetches the token before the read, so that no sign-in is necessary between the read and the write.
    pub(super) async fn new(client: &graph::Client) -> Result<Self, graph::Error> {
        let token = client.acquire_token().await?;
        let began = client.clock().now();
        Ok(Self { token, began, interruptions: client.interruptions() })
    }

    /// Completes the read with its result.
    pub(super) fn finish(self, rows: AssignmentRows) -> LiveRead {
        let Self { token, began, interruptions } = self;
        LiveRead { rows, token, began, interruptions }
    }
}

impl LiveRead {
    /// Whether no pause, retry or refused token has interrupted the client since the read began.
    pub(super) fn is_uninterrupted(&self, client: &graph::Client) -> bool {
        client.interruptions() == self.interruptions
    }

    /// Whether the read began at most [`MAX_READ_AGE`] ago.
    pub(super) fn is_fresh(&self, client: &graph::Client) -> bool {
        client.clock().now().saturating_duration_since(self.began) <= MAX_READ_AGE
    }
}
