//! A request as a handler sees it.

use axum::http::Method;
use serde_json::{Map, Value, json};

use super::answer::Answer;
use super::errors::Refusal;
use super::faults::{Effect, Rewrite};
use super::odata::page::{Page, Row, next_link};
use super::odata::path::{Address, Version};
use super::odata::query::Query;
use super::options::Options;
use super::request::Incoming;
use super::semantics::Semantics;

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
