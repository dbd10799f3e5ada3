//! A request as received, and the ids of its response. Knows nothing of sockets.

use axum::http::{HeaderMap, Method};
use time::OffsetDateTime;

use super::random_id::random_guid;
use super::timestamp::second;

/// A request as received: read from a socket, or unpacked from a batch.
#[derive(Clone, Debug)]
pub struct IncomingRequest {
    /// The HTTP method.
    pub method: Method,
    /// Path and query exactly as sent, from the root of the host.
    pub target: String,
    /// The scheme and authority that the client used; links start with them.
    pub origin: String,
    /// The token of `Authorization: Bearer`, if it is not empty.
    pub bearer: Option<String>,
    /// The header `Content-Type`.
    pub content_type: Option<String>,
    /// The header `client-request-id`.
    pub client_request_id: Option<String>,
    /// All headers as sent.
    pub headers: HeaderMap,
    /// The body as sent.
    pub body: Vec<u8>,
    /// Set for a batch item.
    pub batch: Option<BatchPosition>,
}

/// The batch and the item that a request comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchPosition {
    /// The id that the client gave the item.
    pub id: String,
    /// The number of the enclosing `$batch` request in the call log.
    pub envelope: u64,
}

impl IncomingRequest {
    /// The path as sent.
    pub fn path(&self) -> &str {
        self.target.split_once('?').map_or(self.target.as_str(), |(path, _)| path)
    }

    /// A header by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Whether the directory may answer from its index, which lags behind: the header `ConsistencyLevel: eventual`.
    pub fn is_eventual(&self) -> bool {
        self.header("consistencylevel").is_some_and(|level| level == "eventual")
    }

    /// The query as sent, without the question mark.
    pub fn query(&self) -> &str {
        self.target.split_once('?').map_or("", |(_, query)| query)
    }
}

/// The ids and the date in the headers and error bodies of a response.
#[derive(Clone, Debug)]
pub struct RequestIds {
    /// Generated for each request.
    pub request_id: String,
    /// The client's, or `request_id` if it sent none.
    pub client_request_id: String,
    /// UTC, to the second, without a zone.
    pub date: String,
}

impl RequestIds {
    /// New ids for a request.
    pub fn new(incoming: &IncomingRequest) -> Self {
        let request_id = random_guid();
        let client_request_id = incoming.client_request_id.clone().unwrap_or_else(|| request_id.clone());
        Self { request_id, client_request_id, date: second(OffsetDateTime::now_utc()) }
    }
}
