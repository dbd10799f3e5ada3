//! A read that waits in the queue for a `$batch`.

use tokio::sync::oneshot;

use super::call_record::CallRecord;
use super::error::Error;
use super::gatherer::QueuedWork;
use super::held_token::HeldToken;
use super::request::Request;
use super::response::Response;
use super::response_problem::ResponseProblem;

/// A read, and the channel for its result.
#[derive(Debug)]
pub(super) struct QueuedRead {
    pub(super) request: Request,
    result_sender: oneshot::Sender<BatchedResult>,
}

/// The result of a queued read.
#[derive(Debug)]
pub(super) struct BatchedResult {
    pub(super) result: Result<Response, Error>,
    /// The token that the request used; `None` if no token could be acquired.
    pub(super) token: Option<HeldToken>,
}

impl QueuedRead {
    /// Creates a read and the receiver of its result. Dropping the receiver abandons only this read.
    pub(super) fn new(request: &Request) -> (Self, oneshot::Receiver<BatchedResult>) {
        let (result_sender, receiver) = oneshot::channel();
        (Self { request: request.clone(), result_sender }, receiver)
    }

    pub(super) fn complete(self, result: Result<Response, Error>, token: Option<HeldToken>) {
        // Sending fails if the caller has dropped the receiver. The result is then not needed.
        self.result_sender.send(BatchedResult { result, token }).ok();
    }
}

impl QueuedWork for QueuedRead {
    fn size(&self) -> usize {
        1
    }

    fn is_abandoned(&self) -> bool {
        self.result_sender.is_closed()
    }
}

impl BatchedResult {
    /// The result of a read whose sending task ended without a result.
    pub(super) fn missing(request: &Request) -> Self {
        let call = CallRecord::new(request, String::new());
        let result = Err(Error::undocumented(call, ResponseProblem::ItemMissing));
        Self { result, token: None }
    }
}
