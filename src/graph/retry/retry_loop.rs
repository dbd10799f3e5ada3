//! The attempts of one request: decides whether there is another attempt, and when. Sends nothing.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::graph::call_record::{AttemptSummary, GiveUpReason};
use crate::graph::error::Error;

use super::budget::RetryBudget;
use super::circuit_breaker::{CircuitBreaker, Permit};
use super::interruptions::Interruptions;
use super::rate_limits::RateLimits;
use super::retry_class::RetryClass;
use super::throttling_bucket::ThrottlingBucket;
use super::{clock, delay};

/// How many attempts a read gets after another read of its bucket has spent its whole budget on failures.
const ATTEMPTS_WHILE_FAILING: u32 = 2;

/// How long failed connections are retried. The address may be wrong, and the user should not have to wait minutes for
/// that error.
const CONNECT_RETRY_LIMIT: Duration = Duration::from_secs(30);

/// The attempts of one request. A caller either runs each attempt with [`attempt`](Self::attempt), or acquires a permit
/// with [`acquire_permit`](Self::acquire_permit), sends the request, and records the result.
pub struct RetryLoop {
    limits: Arc<RateLimits>,
    bucket: ThrottlingBucket,
    budget: RetryBudget,
    interruptions: Interruptions,
    started: Instant,
    deadline: Instant,
    /// Permits acquired so far.
    attempts: u32,
    /// Transient failures so far.
    failures: u32,
    /// The time of the first transient failure. Any other result clears it.
    failing_since: Option<Instant>,
    /// The end of the pause after a transient failure. The pause does not affect other requests.
    retry_at: Option<Instant>,
    last_error: Option<Error>,
}

impl RetryLoop {
    /// Starts the attempts of one request. If the budget is for each request, it begins now.
    pub fn new(
        limits: Arc<RateLimits>,
        bucket: ThrottlingBucket,
        budget: RetryBudget,
        interruptions: Interruptions,
    ) -> Self {
        let started = limits.clock().now();
        Self {
            deadline: budget.deadline(started),
            limits,
            bucket,
            budget,
            interruptions,
            started,
            attempts: 0,
            failures: 0,
            failing_since: None,
            retry_at: None,
            last_error: None,
        }
    }

    /// Runs one attempt. Returns `None` if the attempt failed and the caller should run another.
    ///
    /// # Errors
    /// Another attempt would fail too, or there is no time for another attempt.
    pub async fn attempt<T>(
        &mut self,
        request: impl Future<Output = Result<T, Error>>,
    ) -> Result<Option<T>, Error> {
        let permit = self.acquire_permit().await?;
        match self.run_within_budget(request).await? {
            Ok(result) => {
                self.record_success(permit);
                Ok(Some(result))
            }
            Err(error) if self.record_failure(permit, &error) => Ok(None),
            Err(error) => Err(self.with_summary(error)),
        }
    }

    /// Waits until the next attempt may be sent: until the pauses of this request and of its bucket have ended.
    ///
    /// # Errors
    /// The budget is too short for the pause, or the caller cancelled. Returns the error of the last attempt. If there
    /// was no attempt, returns the error that opened the circuit breaker of the bucket, with zero attempts.
    pub async fn acquire_permit(&mut self) -> Result<Permit, Error> {
        if let (Some(pause_end), Some(error)) = (self.retry_at.take(), self.last_error.clone())
            && let Err(give_up_reason) = self.sleep_until(pause_end).await
        {
            return Err(self.give_up(error, give_up_reason));
        }
        match self.breaker().acquire(self.limits.clock(), &self.budget, self.deadline).await {
            Ok(permit) => {
                if permit.has_waited() {
                    self.interruptions.record();
                }
                self.attempts += 1;
                Ok(permit)
            }
            Err((give_up_reason, cause)) => {
                let error = self.last_error.clone().unwrap_or(cause);
                Err(self.give_up(error, give_up_reason))
            }
        }
    }

    /// Records that the attempt succeeded.
    pub fn record_success(&mut self, permit: Permit) {
        self.failing_since = None;
        self.breaker().record_success();
        permit.record_response();
    }

    /// Records that the attempt failed. Returns whether to make another attempt. The pause takes place in the next
    /// [`acquire_permit`](Self::acquire_permit).
    pub fn record_failure(&mut self, permit: Permit, error: &Error) -> bool {
        self.last_error = Some(error.clone());
        self.interruptions.record();
        match RetryClass::classify(error) {
            RetryClass::Throttled => {
                self.failing_since = None;
                permit.record_throttling(self.limits.clock(), error);
                true
            }
            RetryClass::Transient => self.schedule_retry(Duration::MAX),
            RetryClass::Unreachable => self.schedule_retry(CONNECT_RETRY_LIMIT),
            RetryClass::Permanent => {
                self.failing_since = None;
                // Without a status, the request may not have reached Graph. It must then not close the circuit breaker.
                if error.status().is_some() {
                    permit.record_response();
                }
                false
            }
        }
    }

    /// Adds the summary of the attempts to the error.
    pub fn with_summary(&self, mut error: Error) -> Error {
        if let Some(call) = error.call_mut() {
            call.attempts = self.summary();
        }
        error
    }

    /// The number and the duration of the attempts so far.
    pub fn summary(&self) -> AttemptSummary {
        let elapsed = self.limits.clock().now().saturating_duration_since(self.started);
        AttemptSummary { count: self.attempts, elapsed, give_up_reason: None }
    }

    /// Stops a retry when the budget ends. The first attempt has only the time limit of its HTTP exchange. For reads
    /// only: a write must not be interrupted.
    async fn run_within_budget<T>(&self, request: impl Future<Output = T>) -> Result<T, Error> {
        let Some(last_error) = &self.last_error else { return Ok(request.await) };
        let remaining = self.deadline.saturating_duration_since(self.limits.clock().now());
        let result = tokio::time::timeout(remaining, request).await;
        result.map_err(|_| self.give_up(last_error.clone(), GiveUpReason::OutOfTime))
    }

    /// Schedules the retry after a transient failure. Returns false, so that there is no retry, if
    /// - the failures would last longer than `limit`,
    /// - they would last longer than the failure limit of the budget, or
    /// - the whole bucket is failing, and this request has had [`ATTEMPTS_WHILE_FAILING`] attempts.
    ///
    /// If the budget ends before the retry, returns true: the next [`acquire_permit`](Self::acquire_permit) then reports
    /// that the time is up.
    fn schedule_retry(&mut self, limit: Duration) -> bool {
        let clock = self.limits.clock();
        let now = clock.now();
        let failing_since = *self.failing_since.get_or_insert(now);
        let pause = delay::after_failure(self.failures, clock.random());
        let retry_at = clock::add(now, pause);
        // The bucket does not count as failing because of a caller's failure limit: only this caller gives up early.
        let exceeds_own_limits = retry_at >= clock::add(failing_since, limit).min(self.deadline);
        let failure_limit = self.budget.failure_limit(limit);
        let exceeds_limit = exceeds_own_limits || retry_at >= clock::add(failing_since, failure_limit);
        let gives_up_early = self.breaker().is_failing() && self.attempts >= ATTEMPTS_WHILE_FAILING;
        if exceeds_own_limits {
            self.breaker().record_spent_budget();
        }
        self.failures += 1;
        self.retry_at = Some(retry_at);
        self.log_retry(pause);
        retry_at >= self.deadline || !(exceeds_limit || gives_up_early)
    }

    fn log_retry(&self, pause: Duration) {
        tracing::debug!(
            bucket = self.bucket.as_str(),
            status = self.last_error.as_ref().and_then(Error::status),
            pause_ms = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX),
            attempts = self.attempts,
            "transient failure",
        );
    }

    async fn sleep_until(&self, pause_end: Instant) -> Result<(), GiveUpReason> {
        if pause_end >= self.deadline {
            return Err(GiveUpReason::OutOfTime);
        }
        tokio::select! {
            biased;
            () = self.budget.cancelled() => Err(GiveUpReason::Cancelled),
            () = self.limits.clock().sleep_until(pause_end) => Ok(()),
        }
    }

    fn give_up(&self, mut error: Error, give_up_reason: GiveUpReason) -> Error {
        if let Some(call) = error.call_mut() {
            call.attempts = AttemptSummary { give_up_reason: Some(give_up_reason), ..self.summary() };
        }
        error
    }

    fn breaker(&self) -> &Arc<CircuitBreaker> {
        self.limits.breaker(self.bucket)
    }
}

/// Records the spent budget if the deadline has passed since the last transient failure. An attempt that exceeds the
/// deadline is dropped and records nothing itself.
impl Drop for RetryLoop {
    fn drop(&mut self) {
        if self.failing_since.is_some() && self.limits.clock().now() >= self.deadline {
            self.breaker().record_spent_budget();
        }
    }
}
