//! The HTTP layer of all requests: to Graph, to Entra, and to the identity services of machines and pipelines. Only
//! this module decides about proxies, certificates, timeouts, the connection pool and the user agent. Knows neither
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
