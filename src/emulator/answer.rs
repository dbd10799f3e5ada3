//! The answer to one request as a value: the same for a request of its own and for an item of a batch. Knows
//! nothing of sockets.

use std::time::Duration;

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
    /// What stands in the answer.
    pub body: Body,
    /// How the answer reaches the client.
    pub delivery: Delivery,
}

/// The body of an answer.
#[derive(Clone, Debug)]
pub enum Body {
    /// None at all, and so no content type either.
    Empty,
    /// A document of ours.
    Json(Value),
    /// Anything else, which only a test fault sends.
    Raw {
        /// As it goes out.
        text: String,
        /// The header `Content-Type`.
        content_type: String,
    },
}

/// How an answer reaches the client. Only a test fault asks for another way than the usual one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// Once.
    Usual,
    /// Never: the connection is closed instead, that of the whole batch for an item.
    Cut,
    /// An item of a batch is missing from its responses.
    LeftOut,
    /// An item of a batch is among its responses twice.
    Twice,
    /// The head at once; in place of the body one blank at a time, without end, with this pause before each.
    Drip(Duration),
}

impl Answer {
    /// An answer with a document.
    pub fn json(status: u16, body: impl Into<Value>) -> Self {
        Self { body: Body::Json(body.into()), ..Self::empty(status) }
    }

    /// 200 with a document that says what it is in `@odata.context`.
    pub fn entity(status: u16, context: String, mut members: Map<String, Value>) -> Self {
        members.insert("@odata.context".to_owned(), Value::String(context));
        Self::json(status, members)
    }

    /// 204.
    pub fn no_content() -> Self {
        Self::empty(204)
    }

    /// An answer without a body.
    pub fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Body::Empty, delivery: Delivery::Usual }
    }

    /// The same answer with more headers.
    pub fn with_headers(mut self, headers: Vec<(&'static str, String)>) -> Self {
        self.headers.extend(headers);
        self
    }

    /// The same answer, delivered in another way.
    pub fn delivered(self, delivery: Delivery) -> Self {
        Self { delivery, ..self }
    }

    /// The document; null where there is none.
    pub fn document(self) -> Value {
        match self.body {
            Body::Json(document) => document,
            Body::Empty | Body::Raw { .. } => Value::Null,
        }
    }
}
