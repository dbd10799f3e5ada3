//! Retries of requests to Graph: which errors are retried, how long the pauses are, and which requests share a pause.
//! Does not know the client: the caller supplies the attempts, and the [`RetryLoop`] decides whether and when there is
//! another one.
//!
//! For a read, the loop also runs the attempts. The caller of a write has to read the object between two attempts, so it
//! acquires each [`Permit`] from the loop and runs the attempt itself.

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
