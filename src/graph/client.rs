//! The sending stack of Graph, from top to bottom. Each layer is a function in this file that calls the layer below.
//! The files named here hold the logic of each layer.
//!
//! ```text
//! request           request.rs         a plain value, checked before anything is sent
//!    │
//! retry             retry/             reads only: permit, attempt, pause, next attempt
//!    │
//! gathering         gatherer.rs        reads of `send_batched` only: collects those that arrive together
//!    │
//! $batch            batch.rs           sends two or more reads in one envelope, a single read without envelope
//!    │
//! authentication    crate::auth        adds the access token; after a 401, sends once more with another token
//!    │
//! transport         http_sender.rs     one HTTP exchange: headers, limits of size and time, log line
//! ```
//!
//! The calls on policies, groups and other objects are in other files of this folder, such as `policies.rs`.

use std::sync::Arc;
use std::time::Duration;

use crate::auth::TokenSource;
use crate::transport::{Endpoint, Transport};

use super::batch;
use super::error::Error;
use super::gatherer::Gatherer;
use super::held_token::HeldToken;
use super::http_sender::HttpSender;
use super::queued_read::{BatchedResult, QueuedRead};
use super::request::{ApiVersion, Request};
use super::response::Response;
use super::retry::{Clock, Interruptions, RateLimits, RetryBudget, RetryLoop, ThrottlingBucket};

/// The longest time that a queued read waits for the response to a batch in flight. The read is then sent without a
/// further wait.
const MAX_WAIT_FOR_BATCH: Duration = Duration::from_millis(100);

/// A client of Graph. Cheap to clone; clones share connections, tokens, rate limits and the queues of reads.
#[derive(Clone)]
pub struct Client {
    rate_limits: Arc<RateLimits>,
    retry_budget: RetryBudget,
    interruptions: Interruptions,
    v1_reads: Arc<Gatherer<QueuedRead>>,
    beta_reads: Arc<Gatherer<QueuedRead>>,
    tokens: Arc<dyn TokenSource>,
    http: HttpSender,
}

/// The layers of the stack. Each docstring begins with the name of the layer.
impl Client {
    /// Request: sends a read until it has a final response or the retry budget is spent ("Microsoft Graph throttling
    /// guidance"). Sends a write only once: its caller reads the object before it repeats the write.
    pub async fn send(&self, request: &Request) -> Result<Response, Error> {
        request.check(self.endpoint())?;
        if request.is_write() {
            return self.send_authenticated(request).await;
        }
        self.retry(request, || self.send_authenticated(request)).await
    }

    /// Request: like [`Client::send`], but a read may share a `$batch` with other reads of its API version ("Combine
    /// multiple HTTP requests using JSON batching"). An item that failed, is missing or appears twice is retried like
    /// any other read.
    pub async fn send_batched(&self, request: &Request) -> Result<Response, Error> {
        // Neither a link nor a write can be an item of a batch.
        let Some(version) = request.version().filter(|_| !request.is_write()) else {
            return self.send(request).await;
        };
        request.check(self.endpoint())?;
        self.retry(request, || self.await_batch(version, request)).await
    }

    /// Retry: runs attempts until one has a final result.
    async fn retry<F>(&self, request: &Request, attempt: impl Fn() -> F) -> Result<Response, Error>
    where
        F: Future<Output = Result<Response, Error>>,
    {
        let mut retry_loop = self.retry_loop(ThrottlingBucket::for_request(request));
        loop {
            if let Some(mut response) = retry_loop.attempt(attempt()).await? {
                response.call.attempts = retry_loop.summary();
                return Ok(response);
            }
        }
    }

    /// Gathering: queues the read for a batch and waits for its result. If the read got a 401, alone or as an item of a
    /// batch, sends it once more with another token.
    async fn await_batch(&self, version: ApiVersion, request: &Request) -> Result<Response, Error> {
        let (read, receiver) = QueuedRead::new(request);
        let client = self.clone();
        self.gatherer(version).add(read, move |reads| client.clone().send_batch(version, reads));
        match receiver.await.unwrap_or_else(|_| BatchedResult::missing(request)) {
            BatchedResult { result: Err(error), token: Some(token) } if error.is_unauthorized() => {
                self.retry_with_other_token(request, &token, error).await
            }
            BatchedResult { result, .. } => result,
        }
    }

    /// `$batch`: sends the reads in one envelope, or a single read without envelope, and completes each with its
    /// result.
    async fn send_batch(self, version: ApiVersion, reads: Vec<QueuedRead>) {
        let requests: Vec<_> = reads.iter().map(|read| read.request.clone()).collect();
        let token = self.acquire_token().await;
        let results = match (&token, requests.as_slice()) {
            (Err(error), requests) => requests.iter().map(|_| Err(error.clone())).collect(),
            (Ok(token), [request]) => vec![self.send_with_token(request, token).await],
            (Ok(token), requests) => {
                let envelope = batch::build_envelope(version, requests);
                batch::split_response(self.send_authenticated_with(&envelope, token).await, requests)
            }
        };
        for (read, result) in reads.into_iter().zip(results) {
            read.complete(result, token.as_ref().ok().cloned());
        }
    }

    /// Authentication: sends a request with a valid token.
    async fn send_authenticated(&self, request: &Request) -> Result<Response, Error> {
        let token = self.acquire_token().await?;
        self.send_authenticated_with(request, &token).await
    }

    /// Authentication: sends a request with this token, and after a 401 once more with another token.
    async fn send_authenticated_with(&self, request: &Request, token: &HeldToken) -> Result<Response, Error> {
        match self.send_with_token(request, token).await {
            Err(error) if error.is_unauthorized() => self.retry_with_other_token(request, token, error).await,
            result => result,
        }
    }

    async fn retry_with_other_token(
        &self,
        request: &Request,
        refused: &HeldToken,
        error: Error,
    ) -> Result<Response, Error> {
        match self.replace_token(refused).await? {
            Some(token) => self.send_with_token(request, &token).await,
            None => Err(error),
        }
    }

    /// Transport: sends a request once with this token. Never signs in; the caller replaces a refused token. The token
    /// is sent to the endpoint only, and redirects are not followed.
    ///
    /// If the future is dropped, a write may still take effect.
    pub async fn send_with_token(&self, request: &Request, token: &HeldToken) -> Result<Response, Error> {
        request.check(self.endpoint())?;
        // Boxed, because each layer above would otherwise embed this large future more than once.
        Box::pin(self.http.send(request, token, self.tokens.selected_method())).await
    }
}

/// The configuration of the stack, and the parts that callers use directly.
impl Client {
    /// Creates a client. The first request creates the HTTP client, loads the certificate store and fetches a token.
    pub fn new(endpoint: Endpoint, tokens: Arc<dyn TokenSource>, transport: Transport) -> Self {
        Self {
            rate_limits: Arc::default(),
            retry_budget: RetryBudget::default(),
            interruptions: Interruptions::default(),
            v1_reads: Arc::new(Gatherer::new(batch::MAX_ITEMS, Some(MAX_WAIT_FOR_BATCH))),
            beta_reads: Arc::new(Gatherer::new(batch::MAX_ITEMS, Some(MAX_WAIT_FOR_BATCH))),
            tokens,
            http: HttpSender::new(endpoint, transport),
        }
    }

    /// Names the origin of the endpoint in messages, for example an environment variable.
    #[must_use]
    pub fn with_endpoint_source(self, source: &str) -> Self {
        Self { http: self.http.with_endpoint_source(source), ..self }
    }

    /// A client with another clock, and with its own rate limits.
    #[must_use]
    pub fn with_clock(&self, clock: Arc<dyn Clock>) -> Self {
        Self { rate_limits: Arc::new(RateLimits::new(clock)), ..self.clone() }
    }

    /// A client for one operation, with its own retry budget and its own count of interruptions.
    #[must_use]
    pub fn for_operation(&self, retry_budget: RetryBudget) -> Self {
        Self { retry_budget, interruptions: Interruptions::default(), ..self.clone() }
    }

    /// The gatherer of an API version. All items of an envelope have the same version.
    fn gatherer(&self, version: ApiVersion) -> &Arc<Gatherer<QueuedRead>> {
        match version {
            ApiVersion::V1 => &self.v1_reads,
            ApiVersion::Beta => &self.beta_reads,
        }
    }

    /// The root URL of Graph.
    pub fn endpoint(&self) -> &Endpoint {
        self.http.endpoint()
    }

    /// The clock that retries and deadlines use.
    pub fn clock(&self) -> &dyn Clock {
        self.rate_limits.clock()
    }

    /// A retry loop for a request that the caller sends and retries itself.
    pub fn retry_loop(&self, bucket: ThrottlingBucket) -> RetryLoop {
        let limits = Arc::clone(&self.rate_limits);
        RetryLoop::new(limits, bucket, self.retry_budget.clone(), self.interruptions.clone())
    }

    /// The number of pauses, retries and refused tokens since [`Client::for_operation`].
    pub fn interruptions(&self) -> u32 {
        self.interruptions.count()
    }

    /// Returns a valid token. Signs in if there is none.
    pub async fn acquire_token(&self) -> Result<HeldToken, Error> {
        Ok(HeldToken(self.tokens.token().await?))
    }

    /// Returns a token other than `refused`, which Graph refused; `None` if the token source has no other token.
    pub async fn replace_token(&self, refused: &HeldToken) -> Result<Option<HeldToken>, Error> {
        self.interruptions.record();
        Ok(self.tokens.renew(&refused.0).await?.map(HeldToken))
    }
}

/// Prints the endpoint only.
impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("endpoint", &self.endpoint().to_string()).finish_non_exhaustive()
    }
}
