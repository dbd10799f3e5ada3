//! Microsoft Graph: requests as values, one place that sends, answers and errors as types. Knows nothing of
//! Terraform.
//!
//! A request is built in [`request`], sent by [`client`], read by [`answer`], repeated by [`retry`]; [`page`],
//! `batch` and `coalesce` stand on these four, and the entity modules on all of them. What is odd about Graph is listed in `QUIRKS.md` beside this file.

pub mod assignment_filters;
pub mod device_configurations;
pub mod groups;

mod batch;
mod coalesce;
pub mod page;

pub mod retry;

pub mod answer;
pub mod body;
pub mod client;
pub mod refused_token;
pub mod request;

pub mod call;
pub mod error;
pub mod error_object;
mod http_date;
pub mod types;

pub use answer::Answer;
pub use call::Call;
pub use client::{Client, HeldToken};
pub use device_configurations::PolicyForAssignment;
pub use error::{Error, Finding, Refusal};
pub use error_object::ErrorObject;
pub use request::{Request, Version};
pub use retry::{Clock, Patience, SystemClock};
