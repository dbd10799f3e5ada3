//! Microsoft Graph: requests as values, one sending stack, responses and errors as types. Knows nothing of Terraform.
//!
//! [`client`] holds the stack, from top to bottom. [`page`] reads collections through it. The modules that define
//! calls, such as [`policies`], use both. `QUIRKS.md` beside this file lists behavior of Graph that is easy to get
//! wrong.

// The calls, one module for each kind of object, and the types that they use.
pub mod assignment_filters;
pub mod device_configurations;
pub mod edr_policies;
pub mod groups;
pub mod ids;
pub mod page;
pub mod policies;
pub mod types;

// The sending stack.
mod batch;
pub mod client;
// Gathers reads for a batch.
pub mod gatherer;
mod held_token;
mod http_sender;
mod queued_read;
pub mod request;
pub mod retry;

// What the stack returns.
pub mod call_record;
pub mod error;
pub mod error_object;
mod http_date;
pub mod json_body;
pub mod refused_token;
pub mod request_error;
pub mod response;
pub mod response_problem;

pub use call_record::CallRecord;
pub use client::Client;
pub use error::Error;
pub use error_object::ErrorObject;
pub use held_token::HeldToken;
pub use ids::{FilterId, GroupId, PolicyId};
pub use policies::{Policies, PolicyCollection, PolicyForAssignment};
pub use request::{ApiVersion, Request};
pub use request_error::RequestError;
pub use response::Response;
pub use response_problem::ResponseProblem;
pub use retry::{Clock, RetryBudget, SystemClock};
