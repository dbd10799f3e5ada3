//! The answer to one request as a value: the same for a request of its own and for an item of a batch. Knows
//! nothing of sockets.

use serde_json::{Map, Value};

/// The content type of Graph's answers.
pub const CONTENT_TYPE: &str =
    "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8";

/// Status, headers and body of an answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// Headers of this answer alone; what every answer carries is added where it leaves.
    pub headers: Vec<(&'static str, String)>,
    /// The JSON document, if there is one.
    pub body: Option<Value>,
}

impl Answer {
    /// An answer with a document.
    pub fn json(status: u16, body: impl Into<Value>) -> Self {
        Self { status, headers: Vec::new(), body: Some(body.into()) }
    }

    /// 200 with a document that says what it is in `@odata.context`.
    pub fn entity(status: u16, context: String, mut members: Map<String, Value>) -> Self {
        members.insert("@odata.context".to_owned(), Value::String(context));
        Self::json(status, members)
    }

    /// 204.
    pub fn no_content() -> Self {
        Self { status: 204, headers: Vec::new(), body: None }
    }

    /// The same answer with more headers.
    pub fn with_headers(mut self, headers: Vec<(&'static str, String)>) -> Self {
        self.headers.extend(headers);
        self
    }
}
