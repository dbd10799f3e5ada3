//! Reads that arrive together share one `$batch`; a read that arrives alone goes by itself. Whether and when a read is
//! sent again is decided above, for each of them: see `retry`.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use tracing::Instrument;

use super::answer::{Answer, undocumented};
use super::batch::MAX_ITEMS;
use super::call::Call;
use super::client::{Client, HeldToken};
use super::error::{Error, Finding};
use super::request::{Request, Version};
use super::retry::Kind;

/// How long a read waits for others to come along. Terraform asks for ten resources at once.
const COMPANY: Duration = Duration::from_millis(5);

/// The reads that wait for others. An envelope has one version, and nearly all calls are of beta, so others are not
/// gathered.
#[derive(Debug, Default)]
pub(super) struct Coalescer {
    waiting: Mutex<Vec<Waiting>>,
}

/// A read, and where its answer goes.
#[derive(Debug)]
struct Waiting {
    request: Request,
    answer: oneshot::Sender<Sent>,
}

/// What came of one sending.
#[derive(Debug)]
struct Sent {
    result: Result<Answer, Error>,
    /// The token it went with, if it can be replaced and the read sent again.
    token: Option<HeldToken>,
}

impl Client {
    /// Like [`Client::send`], for a read of beta that may share a `$batch` with others ("Combine multiple HTTP requests
    /// using JSON batching"). It waits at most 5 milliseconds for them. An item that is missing among the answers,
    /// repeated or failed is that read's own failure, and is asked for again as any other is.
    pub async fn send_coalesced(&self, request: &Request) -> Result<Answer, Error> {
        request.check(self.endpoint())?;
        if request.is_write() || request.version() != Some(Version::Beta) {
            return self.send(request).await;
        }
        let mut tries = self.tries(Kind::of(request));
        loop {
            if let Some(mut answer) = tries.attempt(self.send_in_batch(request)).await? {
                answer.call.tried.times = tries.times();
                return Ok(answer);
            }
        }
    }

    /// Sends the read once; a second time with another token if the first was refused. An item of a `$batch` may be
    /// refused alone.
    async fn send_in_batch(&self, request: &Request) -> Result<Answer, Error> {
        let Sent { result, token } = self.enqueue(request).await;
        let (error, token) = match (result, token) {
            (Err(error), Some(token)) if error.is_unauthorized() => (error, token),
            (result, _) => return result,
        };
        match self.replace_token(&token).await? {
            Some(other) => self.send_holding(request, &other).await,
            None => Err(error),
        }
    }

    /// Puts the read into the next batch. Dropping the future does not disturb the others.
    async fn enqueue(&self, request: &Request) -> Sent {
        let (answer, answered) = oneshot::channel();
        match self.coalescer.add(Waiting { request: request.clone(), answer }) {
            1 => self.spawn_departure(COMPANY),
            MAX_ITEMS => self.spawn_departure(Duration::ZERO),
            _ => {}
        }
        answered.await.unwrap_or_else(|_| Sent { result: Err(unanswered(request)), token: None })
    }

    /// A task of its own, for whoever came first may be the first to give up.
    fn spawn_departure(&self, after: Duration) {
        let client = self.clone();
        let departure = async move {
            tokio::time::sleep(after).await;
            while let Some(together) = client.coalescer.take() {
                tokio::spawn(client.clone().send_gathered(together).in_current_span());
            }
        };
        tokio::spawn(departure.in_current_span());
    }

    async fn send_gathered(self, together: Vec<Waiting>) {
        let (requests, answers): (Vec<_>, Vec<_>) =
            together.into_iter().map(|waiting| (waiting.request, waiting.answer)).unzip();
        let token = self.hold_token().await;
        let results = match (&token, requests.as_slice()) {
            (Err(error), requests) => requests.iter().map(|_| Err(error.clone())).collect(),
            (Ok(token), [request]) => vec![self.send_holding(request, token).await],
            (Ok(token), requests) => self.send_envelope(Version::Beta, requests, token).await,
        };
        for (answer, result) in answers.into_iter().zip(results) {
            // A caller that does not wait any more has no use for it.
            answer.send(Sent { result, token: token.as_ref().ok().cloned() }).ok();
        }
    }
}

impl Coalescer {
    /// How many wait now.
    fn add(&self, waiting: Waiting) -> usize {
        let mut all = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        all.push(waiting);
        all.len()
    }

    /// As many as fit an envelope and are still waited for, in the order in which they came; `None` if there are none.
    fn take(&self) -> Option<Vec<Waiting>> {
        let mut all = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|waiting| !waiting.answer.is_closed());
        let count = all.len().min(MAX_ITEMS);
        (count > 0).then(|| all.drain(..count).collect())
    }
}

/// The task that was to send it has ended without doing so.
fn unanswered(request: &Request) -> Error {
    undocumented(Call::new(request, String::new()), Finding::ItemMissing)
}
