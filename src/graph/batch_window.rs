//! Collects reads that arrive within a few milliseconds, so that they can share one `$batch`. Sends nothing: the caller
//! flushes the window.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;

use super::batch::MAX_ITEMS;
use super::call_record::CallRecord;
use super::error::Error;
use super::held_token::HeldToken;
use super::request::Request;
use super::response::Response;
use super::response_problem::ResponseProblem;

/// How long a read waits for others. Terraform works on ten resources at once.
pub const BATCH_WINDOW: Duration = Duration::from_millis(5);

/// The reads that wait to be sent.
#[derive(Debug, Default)]
pub(super) struct BatchWindow {
    queue: Mutex<Vec<QueuedRead>>,
}

/// A read, and where its result goes.
#[derive(Debug)]
pub(super) struct QueuedRead {
    pub(super) request: Request,
    result: oneshot::Sender<BatchedResult>,
}

/// The result of a read that was sent with others.
#[derive(Debug)]
pub(super) struct BatchedResult {
    pub(super) result: Result<Response, Error>,
    /// The token that was used; `None` if there was none.
    pub(super) token: Option<HeldToken>,
}

/// When a read that was just queued asks for a flush.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flush {
    /// It opened the window: at the end of the window.
    After(Duration),
    /// An earlier read has asked already.
    Scheduled,
}

impl BatchWindow {
    /// Queues a read. Dropping the receiver takes the read out of the queue and does not affect the others.
    pub(super) fn enqueue(&self, request: &Request) -> (Flush, oneshot::Receiver<BatchedResult>) {
        let (sender, receiver) = oneshot::channel();
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        queue.push(QueuedRead { request: request.clone(), result: sender });
        let flush = match queue.len() {
            1 => Flush::After(BATCH_WINDOW),
            // A full batch has nothing to wait for.
            MAX_ITEMS => Flush::After(Duration::ZERO),
            _ => Flush::Scheduled,
        };
        (flush, receiver)
    }

    /// The oldest reads that still have a receiver, as many as one batch holds; `None` if there are none.
    pub(super) fn next_batch(&self) -> Option<Vec<QueuedRead>> {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        queue.retain(|read| !read.result.is_closed());
        let count = queue.len().min(MAX_ITEMS);
        (count > 0).then(|| queue.drain(..count).collect())
    }
}

impl QueuedRead {
    pub(super) fn complete(self, result: Result<Response, Error>, token: Option<HeldToken>) {
        // A caller that has given up has dropped its receiver.
        self.result.send(BatchedResult { result, token }).ok();
    }
}

impl BatchedResult {
    /// The task that should have sent the read has ended without a result.
    pub(super) fn missing(request: &Request) -> Self {
        let call = CallRecord::new(request, String::new());
        let result = Err(Error::undocumented(call, ResponseProblem::ItemMissing));
        Self { result, token: None }
    }
}
