//! Retries of requests to Graph: which errors are retried, how long the pauses are, and which requests share a pause.
//! Sends nothing and does not know the client: the caller sends the request of each attempt.
//!
//! A [`RetryLoop`] runs the attempts of a read. The caller of a write has to read the object between two attempts.
//! That caller acquires each [`Permit`] from the loop and sends the request itself.

mod budget;
mod circuit_breaker;
mod clock;
mod delay;
mod interruptions;
mod rate_limits;
mod retry_class;
mod retry_loop;
mod throttling_bucket;

pub use self::budget::RetryBudget;
pub use self::circuit_breaker::Permit;
pub use self::clock::{Clock, SystemClock};
pub use self::interruptions::Interruptions;
pub use self::rate_limits::RateLimits;
pub use self::retry_loop::RetryLoop;
pub use self::throttling_bucket::ThrottlingBucket;
