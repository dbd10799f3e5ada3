//! The log of the requests for tokens, apart from that of Graph's calls. It keeps what a test has to see of a request
//! and nothing that signs anybody in: no secret, no signature, no token.

use std::collections::VecDeque;

use serde::Serialize;
use serde_json::{Map, Value};

use super::jwt::Jwt;

/// An emulator may run for days; it remembers this many requests.
const REMEMBERED: usize = 5_000;

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
    /// What an assertion says.
    pub fn of(assertion: &Jwt) -> Self {
        Self { header: assertion.header.clone(), claims: assertion.claims.clone() }
    }
}

/// The requests since the start or the last reset.
#[derive(Debug, Default)]
pub struct TokenLog {
    answered: u64,
    requests: VecDeque<TokenRequestRecord>,
}

impl TokenLog {
    /// Remembers a request, under the next number.
    pub fn record(&mut self, request: TokenRequestRecord) {
        self.answered += 1;
        if self.requests.len() == REMEMBERED {
            self.requests.pop_front();
        }
        self.requests.push_back(TokenRequestRecord { number: self.answered, ..request });
    }

    /// The remembered requests in the order of their answers.
    pub fn list(&self) -> Vec<TokenRequestRecord> {
        self.requests.iter().cloned().collect()
    }
}
