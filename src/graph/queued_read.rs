//! A read that waits for its place in a `$batch`.

use tokio::sync::oneshot;

use super::call_record::CallRecord;
use super::error::Error;
use super::gatherer::Gathered;
use super::held_token::HeldToken;
use super::request::Request;
use super::response::Response;
use super::response_problem::ResponseProblem;

/// A read, and the channel for its result.
#[derive(Debug)]
pub(super) struct QueuedRead {
    pub(super) request: Request,
    result: oneshot::Sender<BatchedResult>,
}

/// The result of a read that was sent with others.
#[derive(Debug)]
pub(super) struct BatchedResult {
    pub(super) result: Result<Response, Error>,
    /// The token of the first attempt; `None` if there was none.
    pub(super) token: Option<HeldToken>,
}

impl QueuedRead {
    /// A read and the receiver of its result. Dropping the receiver abandons the read and does not affect others.
    pub(super) fn new(request: &Request) -> (Self, oneshot::Receiver<BatchedResult>) {
        let (result, receiver) = oneshot::channel();
        (Self { request: request.clone(), result }, receiver)
    }

    pub(super) fn complete(self, result: Result<Response, Error>, token: Option<HeldToken>) {
        // A caller that has given up has dropped its receiver.
        self.result.send(BatchedResult { result, token }).ok();
    }
}

impl Gathered for QueuedRead {
    fn size(&self) -> usize {
        1
    }

    fn is_abandoned(&self) -> bool {
        self.result.is_closed()
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
