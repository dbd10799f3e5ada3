//! A request before anything was made of it, and the ids that its answer carries. Knows nothing of sockets.

use axum::http::{HeaderMap, Method};
use time::OffsetDateTime;
use uuid::Uuid;

use super::timestamp::second;

/// A request before anything was made of it: read from a socket, or unpacked from a batch.
#[derive(Clone, Debug)]
pub struct Incoming {
    /// The verb.
    pub method: Method,
    /// Path and query exactly as sent, from the root of the host.
    pub target: String,
    /// Scheme and authority by which the client reached us; links lead back there.
    pub origin: String,
    /// The token of `Authorization: Bearer`, if it is not empty.
    pub bearer: Option<String>,
    /// The header `Content-Type`.
    pub content_type: Option<String>,
    /// The header `client-request-id`.
    pub client_request_id: Option<String>,
    /// All headers as sent; an item of a batch has none but those above.
    pub headers: HeaderMap,
    /// The body as sent.
    pub body: Vec<u8>,
    /// Set for an item of a batch.
    pub batch: Option<BatchItem>,
}

/// Which item of which batch a request is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchItem {
    /// The id that the client gave the item.
    pub id: String,
    /// The number of the enclosing `$batch` request in the call log.
    pub envelope: u64,
}

impl Incoming {
    /// The path as sent.
    pub fn path(&self) -> &str {
        self.target.split_once('?').map_or(self.target.as_str(), |(path, _)| path)
    }

    /// A header by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The query as sent, without the question mark.
    pub fn query(&self) -> &str {
        self.target.split_once('?').map_or("", |(_, query)| query)
    }
}

/// The ids and the date that stand in headers and error bodies of one answer.
#[derive(Clone, Debug)]
pub struct Identity {
    /// Made by us for each request.
    pub request_id: String,
    /// The client's own, or ours where it sent none.
    pub client_request_id: String,
    /// UTC, to the second, without a zone.
    pub date: String,
}

impl Identity {
    /// Fresh ids for a request.
    pub fn of(incoming: &Incoming) -> Self {
        let request_id = Uuid::new_v4().to_string();
        let client_request_id = incoming.client_request_id.clone().unwrap_or_else(|| request_id.clone());
        Self { request_id, client_request_id, date: second(OffsetDateTime::now_utc()) }
    }
}
