//! HTTP for everything that sends: Graph, Entra, and the identity services of machines and pipelines. Proxies,
//! certificates, time limits, the connection pool and the user agent are decided here and nowhere else. Knows neither
//! Graph nor Entra.

pub mod backoff;
pub mod client;
pub mod diagnosis;
pub mod endpoint;
pub mod error;
pub mod file;
pub mod json;
pub mod memory_budget;
pub mod redaction;
pub mod request;
pub mod secret;
pub mod text;

pub use backoff::{Backoff, BackoffDelays};
pub use client::{HttpBody, HttpResponse, Transport};
pub use diagnosis::Diagnosis;
pub use endpoint::{Endpoint, EndpointError};
pub use error::{SharedError, TransportError};
pub use request::{HttpMethod, HttpRequest, ProxyUse};
pub use secret::Secret;
