//! The response to a request as a value: the same for an HTTP request and for a batch item. Knows nothing of
//! sockets.

use std::time::Duration;

use serde_json::{Map, Value};

/// The content type of Graph's answers.
pub const CONTENT_TYPE: &str =
    "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8";

/// The content type of a number.
pub const COUNT_CONTENT_TYPE: &str = "text/plain";

/// Status, headers and body of a response.
#[derive(Clone, Debug)]
pub struct ServiceResponse {
    /// The HTTP status.
    pub status: u16,
    /// Headers of this response only; `http` adds those of every response.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: ResponseBody,
    /// How the response is delivered.
    pub delivery: Delivery,
}

/// The body of an answer.
#[derive(Clone, Debug)]
pub enum ResponseBody {
    /// No body, and no content type.
    Empty,
    /// A JSON document.
    Json(Value),
    /// A number as text. An item of a batch has it as a JSON number.
    Count(u64),
    /// A body that is text already: a long log, or that of a test fault.
    Raw {
        /// As it goes out.
        text: String,
        /// The header `Content-Type`.
        content_type: String,
    },
}

/// How a response is delivered. Only test faults change it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// Once.
    Usual,
    /// The connection is closed instead; for a batch item, that of the whole batch.
    Cut,
    /// The responses of the batch lack this item.
    LeftOut,
    /// The responses of the batch contain this item twice.
    Twice,
    /// After the head, endless spaces, one at a time, with this pause before each.
    Drip(Duration),
}

impl ServiceResponse {
    /// An answer with a document.
    pub fn json(status: u16, body: impl Into<Value>) -> Self {
        Self { body: ResponseBody::Json(body.into()), ..Self::empty(status) }
    }

    /// 200 with a document that is text already.
    pub fn text(text: String) -> Self {
        Self {
            body: ResponseBody::Raw { text, content_type: "application/json".to_owned() },
            ..Self::empty(200)
        }
    }

    /// 200 with a number.
    pub fn count(number: u64) -> Self {
        Self { body: ResponseBody::Count(number), ..Self::empty(200) }
    }

    /// 200 with a number that is text even in an item of a batch.
    pub fn count_as_text(number: u64) -> Self {
        let content_type = COUNT_CONTENT_TYPE.to_owned();
        Self { body: ResponseBody::Raw { text: number.to_string(), content_type }, ..Self::empty(200) }
    }

    /// A response with an entity or a collection and its `@odata.context`.
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
        Self { status, headers: Vec::new(), body: ResponseBody::Empty, delivery: Delivery::Usual }
    }

    /// Adds headers.
    pub fn with_headers(mut self, headers: Vec<(&'static str, String)>) -> Self {
        self.headers.extend(headers);
        self
    }

    /// Changes the delivery.
    pub fn with_delivery(self, delivery: Delivery) -> Self {
        Self { delivery, ..self }
    }

    /// The document, or null if there is none.
    pub fn document(self) -> Value {
        match self.body {
            ResponseBody::Json(document) => document,
            ResponseBody::Count(number) => number.into(),
            ResponseBody::Raw { text, .. } => serde_json::from_str(&text).unwrap_or_default(),
            ResponseBody::Empty => Value::Null,
        }
    }
}
