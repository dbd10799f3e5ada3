//! The log of the Graph requests that an emulator answered. No headers, and of bodies only what is counted.

use serde::Serialize;

use super::bounded_log::BoundedLog;

/// An emulator remembers this many calls.
const REMEMBERED: usize = 20_000;

/// One answered request, or one answered item of a batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CallRecord {
    /// Counts from 1 in the order of arrival.
    pub number: u64,
    /// The verb.
    pub method: String,
    /// Path and query as sent; for an item of a batch with the version root in front.
    pub path: String,
    /// The status of the answer.
    pub status: u16,
    /// The id of the item within its batch; null for a request of its own.
    pub batch: Option<String>,
    /// The number of the `$batch` request that the item came in; null for a request of its own.
    pub envelope: Option<u64>,
    /// The name of the fault that was applied, or its number; null if none was.
    pub fault: Option<String>,
    /// How many assignments the body of an `assign` listed; null for every other call.
    pub assigned: Option<usize>,
    /// What the client sent as, or we made for, `client-request-id`.
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
        Self { arrived: 0, calls: BoundedLog::of(REMEMBERED) }
    }
}

impl CallLog {
    /// The number of a request that has just arrived.
    pub fn arrive(&mut self) -> u64 {
        self.arrived += 1;
        self.arrived
    }

    /// Remembers an answered request.
    pub fn record(&mut self, call: CallRecord) {
        self.calls.push(call);
    }

    /// The remembered calls in the order of their arrival; those still being answered are not among them.
    pub fn list(&self) -> Vec<CallRecord> {
        let mut calls = self.calls.list();
        calls.sort_by_key(|call| call.number);
        calls
    }

    /// Forgets the calls. Numbers go on, so that a request still being answered keeps a number of its own.
    pub fn clear(&mut self) {
        self.calls.clear();
    }
}
