//! The retry loop for requests that do not go through `azure_identity`: to metadata services and pipeline services.

use std::future::Future;
use std::time::Duration;

use crate::auth::error::SignInFailure;
use crate::transport::{self, Backoff, Diagnosis};

/// The longest delay between two requests.
const MAX_DELAY: Duration = Duration::from_secs(10);

/// A failed request.
pub(super) struct FailedRequest {
    pub(super) failure: SignInFailure,
    /// Whether the same request may succeed later.
    pub(super) is_transient: bool,
}

/// Calls `send` until it succeeds, the failure is not transient, or no retry is left. The delay doubles with each
/// retry.
pub(super) async fn retry<T, F>(
    retries: u32,
    first_retry_delay: Duration,
    send: impl Fn() -> F,
) -> Result<T, SignInFailure>
where
    F: Future<Output = Result<T, FailedRequest>>,
{
    let mut delays = Backoff::new(first_retry_delay, MAX_DELAY).delays();
    for _ in 0..retries {
        match send().await {
            Err(failed) if failed.is_transient => tokio::time::sleep(delays.next_delay()).await,
            result => return result.map_err(|failed| failed.failure),
        }
    }
    send().await.map_err(|failed| failed.failure)
}

impl FailedRequest {
    /// A request to which no complete response arrived.
    pub(super) fn no_response(service: &str, cause: transport::TransportError) -> Self {
        let is_transient = matches!(
            cause,
            transport::TransportError::NotReached(_) | transport::TransportError::ResponseLost(_)
        ) && Diagnosis::from_error(&cause).is_transient();
        Self { failure: SignInFailure::NoResponse { service: service.to_owned(), cause }, is_transient }
    }
}

/// The failure is not transient: another request would fail in the same way.
impl From<SignInFailure> for FailedRequest {
    fn from(failure: SignInFailure) -> Self {
        Self { failure, is_transient: false }
    }
}
