//! The log of the requests for tokens, apart from that of Graph's calls. It keeps what a test has to see of a request
//! and nothing that signs anybody in: no secret, no signature, no token.

use serde::Serialize;
use serde_json::{Map, Value};

use super::jwt::Jwt;
use crate::emulator::bounded_log::BoundedLog;

/// An emulator remembers this many requests.
const REMEMBERED: usize = 5_000;

/// What a test looks at is small; a tree of values takes many times the memory of its text.
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
    /// What the token is for: `scope`, or `resource` of a managed identity.
    pub scope: Option<String>,
    /// `secret`, `certificate`, `federated` or `managedIdentity`; null where the request has none of them.
    pub credential: Option<&'static str>,
    /// The assertion, if one was sent.
    pub assertion: Option<AssertionRecord>,
    /// The status of the answer; 0 for a connection that was cut before the request took effect.
    pub status: u16,
    /// The number behind `AADSTS`; null for a token, and where there is none.
    pub error_code: Option<u32>,
    /// The name of the fault that was applied, or its number; null if none was.
    pub fault: Option<String>,
    /// What the client sent as, or we made for, `client-request-id`.
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
    /// What an assertion says, unless it says too much.
    pub fn of(assertion: &Jwt) -> Option<Self> {
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
        Self { answered: 0, requests: BoundedLog::of(REMEMBERED) }
    }
}

impl TokenLog {
    /// Remembers a request, under the next number.
    pub fn record(&mut self, request: TokenRequestRecord) {
        self.answered += 1;
        self.requests.push(TokenRequestRecord { number: self.answered, ..request });
    }

    /// The remembered requests in the order of their answers.
    pub fn list(&self) -> Vec<TokenRequestRecord> {
        self.requests.list()
    }
}
