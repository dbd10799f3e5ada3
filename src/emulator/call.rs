//! A request as a value: as it came in, and as a handler sees it. Knows nothing of sockets.

use axum::http::{HeaderMap, Method};
use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use uuid::Uuid;

use super::Options;
use super::answer::Answer;
use super::errors::Refusal;
use super::faults::{Effect, Rewrite};
use super::odata::page::{Page, next_link};
use super::odata::path::{Address, Version};
use super::odata::query::Query;
use super::semantics::Semantics;
use super::state::second;

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

/// A request whose address and query are understood.
#[derive(Debug)]
pub struct Call<'a> {
    /// The request as it came in.
    pub incoming: &'a Incoming,
    /// The address in parts.
    pub address: &'a Address,
    /// The query options.
    pub query: Query,
    /// The emulator's settings.
    pub options: &'a Options,
    /// The choices for open questions, as they are now.
    pub semantics: Semantics,
    /// The test fault that the request has met.
    pub effect: Option<&'a Effect>,
}

/// A row of a collection answer: the id decides its place in the shuffled order.
#[derive(Debug)]
pub struct Row {
    /// The entity's id.
    pub id: String,
    /// The rendered entity.
    pub members: Map<String, Value>,
}

impl Call<'_> {
    /// The API version of the address.
    pub fn version(&self) -> Version {
        self.address.version
    }

    /// The choices for open questions.
    pub fn semantics(&self) -> &Semantics {
        &self.semantics
    }

    /// How a test fault changes the set of an `assign`.
    pub fn rewrite(&self) -> Option<&Rewrite> {
        match self.effect {
            Some(Effect::Rewrite(rewrite)) => Some(rewrite),
            _ => None,
        }
    }

    /// Whether a test fault hides groups of the directory.
    pub fn hides_groups(&self) -> bool {
        matches!(self.effect, Some(Effect::HideGroups(_)))
    }

    /// What is said of a group that the tenant does not have.
    pub fn not_in_the_tenant(&self, id: &str) -> String {
        let place = match &self.options.tenant_file {
            Some(file) => format!("the tenant file {}", file.display()),
            None => "the tenant: the emulator was started without a tenant file".to_owned(),
        };
        format!(
            "The group {id} is not in {place}. The emulator knows no other groups; add it under \"groups\"."
        )
    }

    /// Whether a test fault lets `assign` answer with the rows from before it.
    pub fn answers_old_rows(&self) -> bool {
        matches!(self.effect, Some(Effect::Stale { answer_old: true, .. }))
    }

    /// Whether the request is a read that shows assignments of policies.
    pub fn shows_rows(&self) -> bool {
        let rows = match self.address.as_strs().as_slice() {
            ["deviceManagement", "deviceConfigurations", below @ ..] => {
                below.contains(&"assignments") || self.query.expands("assignments")
            }
            _ => false,
        };
        rows && self.incoming.method == Method::GET
    }

    /// The refusal for an address or a verb that Intune does not route.
    pub fn route_error(&self) -> Refusal {
        Refusal::route(self.incoming.method.as_str(), self.address)
    }

    /// The body as JSON.
    pub fn json(&self) -> Result<Value, Refusal> {
        let media_type = self.incoming.content_type.as_deref().and_then(|header| header.split(';').next());
        match media_type.map(|name| name.trim().to_ascii_lowercase()).as_deref() {
            Some("application/json") => {}
            None => {
                return Err(Refusal::bad_request(
                    "Write requests (excluding DELETE) must contain the Content-Type header declaration.",
                ));
            }
            Some(other) => {
                return Err(Refusal::plain(
                    415,
                    "UnsupportedMediaType",
                    format!("A body of type '{other}' is not supported; send application/json."),
                ));
            }
        }
        serde_json::from_slice(&self.incoming.body).map_err(|_| {
            Refusal::bad_request(
                "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid \
                 JSON format.",
            )
        })
    }

    /// The value of `@odata.context` for `fragment`.
    pub fn context(&self, fragment: &str) -> String {
        format!("{}/{}/$metadata#{fragment}", self.incoming.origin, self.version())
    }

    /// One page of a collection, with an absolute link to the next.
    pub fn collection(&self, fragment: &str, rows: Vec<Row>, default_size: usize) -> Answer {
        let page = Page::of(rows, &self.query, self.page_size(default_size));
        let mut members = Map::new();
        if let Some(token) = page.next {
            let link = next_link(&self.incoming.origin, self.incoming.path(), &self.query, token);
            members.insert("@odata.nextLink".to_owned(), json!(link));
        }
        members.insert(
            "value".to_owned(),
            page.rows.into_iter().map(|row| Value::Object(row.members)).collect(),
        );
        Answer::entity(200, self.context(fragment), members)
    }

    /// Rows per page: `$top` where the client asked for fewer than a page holds.
    fn page_size(&self, default_size: usize) -> usize {
        let size = self.options.page_size.unwrap_or(default_size);
        self.query.top.map_or(size, |top| top.min(size))
    }
}
