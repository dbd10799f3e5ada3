//! The log of token requests, separate from the log of Graph calls. It keeps what a test needs to see and
//! nothing that could be used to sign in: no secret, no signature, no token.

use serde::Serialize;
use serde_json::{Map, Value};

use super::jwt::Jwt;
use crate::emulator::bounded_log::BoundedLog;

/// The maximum number of requests that the log keeps.
const REMEMBERED: usize = 5_000;

/// Longer assertions are not logged: a tree of JSON values takes many times the memory of its text.
const LONGEST_ASSERTION_BYTES: usize = 64 * 1024;

/// One answered request for a token.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TokenRequestRecord {
    /// Counts from 1.
    pub number: u64,
    /// The path as sent, without the query.
    pub path: String,
    /// The tenant of the address; null for a managed identity.
    pub tenant: Option<String>,
    /// The field `client_id`.
    pub client_id: Option<String>,
    /// The field `grant_type`; null for a managed identity.
    pub grant: Option<String>,
    /// The requested `scope`, or the `resource` of a managed identity.
    pub scope: Option<String>,
    /// `secret`, `certificate`, `federated` or `managedIdentity`; null if the request has no credential.
    pub credential: Option<&'static str>,
    /// The assertion, if one was sent.
    pub assertion: Option<AssertionRecord>,
    /// The status of the response; 0 if the connection was closed before the request took effect.
    pub status: u16,
    /// The number after `AADSTS`; null for an issued token and for errors without a number.
    pub error_code: Option<u32>,
    /// The name of the fault that was applied, or its number; null if none was.
    pub fault: Option<String>,
    /// `client-request-id`: the client's, or a generated one if it sent none.
    pub client_request_id: String,
}

/// An assertion without its signature.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AssertionRecord {
    /// The first part.
    pub header: Map<String, Value>,
    /// The second part.
    pub claims: Map<String, Value>,
}

impl AssertionRecord {
    /// The record of an assertion; `None` if it is too long.
    pub fn from_assertion(assertion: &Jwt) -> Option<Self> {
        let record = Self { header: assertion.header.clone(), claims: assertion.claims.clone() };
        let text = serde_json::to_string(&record).ok()?;
        (text.len() <= LONGEST_ASSERTION_BYTES).then_some(record)
    }
}

/// The requests since the start or the last reset.
#[derive(Debug)]
pub struct TokenLog {
    answered: u64,
    requests: BoundedLog<TokenRequestRecord>,
}

impl Default for TokenLog {
    fn default() -> Self {
        Self { answered: 0, requests: BoundedLog::new(REMEMBERED) }
    }
}

impl TokenLog {
    /// Adds a request under the next number.
    pub fn record(&mut self, request: TokenRequestRecord) {
        self.answered += 1;
        self.requests.push(TokenRequestRecord { number: self.answered, ..request });
    }

    /// The logged requests in the order of their responses.
    pub fn list(&self) -> Vec<TokenRequestRecord> {
        self.requests.iter().cloned().collect()
    }
}
