//! The log of answered Graph requests. It keeps no headers, and of a body only the number of its assignments.

use serde::Serialize;

use super::bounded_log::BoundedLog;

/// The maximum number of calls that the log keeps.
const REMEMBERED: usize = 20_000;

/// One answered request or batch item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CallRecord {
    /// Counts from 1 in the order of arrival.
    pub number: u64,
    /// The HTTP method.
    pub method: String,
    /// Path and query as sent. The path of a batch item starts with the version root of its batch.
    pub path: String,
    /// The status of the answer.
    pub status: u16,
    /// The id of the item within its batch; null for a separate request.
    pub batch: Option<String>,
    /// The number of the `$batch` request that the item came in; null for a separate request.
    pub envelope: Option<u64>,
    /// The name of the fault that was applied, or its number; null if none was.
    pub fault: Option<String>,
    /// How many assignments the body of an `assign` listed; null for every other call.
    pub assigned: Option<usize>,
    /// `client-request-id`: the client's, or a generated one if it sent none.
    pub client_request_id: String,
}

/// The calls since the start or the last reset.
#[derive(Debug)]
pub struct CallLog {
    arrived: u64,
    calls: BoundedLog<CallRecord>,
}

impl Default for CallLog {
    fn default() -> Self {
        Self { arrived: 0, calls: BoundedLog::new(REMEMBERED) }
    }
}

impl CallLog {
    /// Assigns a number to a new request.
    pub fn arrive(&mut self) -> u64 {
        self.arrived += 1;
        self.arrived
    }

    /// Adds an answered request.
    pub fn record(&mut self, call: CallRecord) {
        self.calls.push(call);
    }

    /// The logged calls in the order of their arrival. Calls that have not been answered yet are missing.
    pub fn sorted(&self) -> Vec<&CallRecord> {
        let mut calls: Vec<&CallRecord> = self.calls.iter().collect();
        calls.sort_by_key(|call| call.number);
        calls
    }

    /// Clears the log. Numbering continues, so a request in progress keeps a unique number.
    pub fn clear(&mut self) {
        self.calls.clear();
    }
}
