//! The time limits of a sign-in, and the timing of its retries.

use std::time::Duration;

use azure_core::http::{ExponentialRetryOptions, RetryOptions};

/// How long a sign-in may take, including its retries, and when the retries begin.
#[derive(Debug, Clone)]
pub struct SignInLimits {
    /// The limit for the authority.
    pub authority: Duration,
    /// The limit for the metadata service. Outside Azure, packets to its address are dropped without an answer.
    pub managed_identity: Duration,
    /// The limit for the Azure CLI, which starts slowly.
    pub azure_cli: Duration,
    /// The delay before the first retry. It doubles with each retry.
    pub first_retry_delay: Duration,
}

impl Default for SignInLimits {
    fn default() -> Self {
        Self {
            authority: Duration::from_mins(1),
            managed_identity: Duration::from_secs(30),
            azure_cli: Duration::from_mins(1),
            first_retry_delay: Duration::from_millis(200),
        }
    }
}

impl SignInLimits {
    /// The retry policy of `azure_identity`, which retries statuses 408, 429, 500, 502, 503, 504 and lost connections.
    pub(super) fn retry_options(&self) -> RetryOptions {
        RetryOptions::exponential(ExponentialRetryOptions {
            initial_delay: self.first_retry_delay.try_into().unwrap_or_default(),
            max_retries: 3,
            max_total_elapsed: azure_core::time::Duration::seconds(20),
            ..ExponentialRetryOptions::default()
        })
    }
}
