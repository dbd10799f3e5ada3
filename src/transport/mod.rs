//! HTTP for everybody who sends: Graph, the authority that hands out tokens, and the services that vouch for a
//! pipeline. Proxies, certificates, time limits, the pool and the user agent are decided here and nowhere else.
//! Knows neither Graph nor Entra.

pub mod budget;
pub mod client;
pub mod diagnosis;
pub mod endpoint;
pub mod file;
pub mod json;
pub mod problem;
pub mod redaction;
pub mod request;
pub mod secret;
pub mod text;

pub use client::{Body, Response, Transport};
pub use diagnosis::Diagnosis;
pub use endpoint::{Endpoint, EndpointError};
pub use problem::Problem;
pub use request::{Method, Outgoing, Way};
pub use secret::Secret;
