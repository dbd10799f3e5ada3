//! Retries of requests to Graph: which errors are worth another attempt, how long the pause is, and who pauses
//! together. Sends nothing and knows no client: the caller runs each attempt.
//!
//! A [`RetryLoop`] runs the attempts of a read. For a write, which has to look at the object between two attempts, the
//! caller takes each [`Permit`] from the loop and sends the request itself.

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
