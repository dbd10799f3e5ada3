//! Collections: reading `value` and following `@odata.nextLink` to its end. Does not build requests.
//!
//! ```text
//! {"@odata.context": "…", "value": [ … ], "@odata.nextLink": "https://…"}
//! ```

use std::collections::HashSet;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::answer::{Answer, undocumented};
use super::client::Client;
use super::error::{Error, Finding};
use super::request::Request;

/// Far beyond any tenant, but an end: a service that makes up a new link each time must not hold us forever.
const MAX_PAGES: usize = 2_000;

/// All elements of a collection, from the first page on.
pub async fn collect<T: DeserializeOwned>(client: &Client, first: &Request) -> Result<Vec<T>, Error> {
    let answer = client.send(first).await?;
    follow(client, answer).await
}

/// All elements of a collection whose first page has been answered.
///
/// Links are opaque and used as given ("Paging Microsoft Graph data in your app"); the client refuses those of
/// another host. A page that fails fails the whole: part of a collection is never handed out.
pub async fn follow<T: DeserializeOwned>(client: &Client, first: Answer) -> Result<Vec<T>, Error> {
    let mut seen = HashSet::new();
    let mut elements = Vec::new();
    let mut answer = first;
    loop {
        let call = answer.call.clone();
        let page = Page::read(answer)?;
        elements.extend(page.value);
        let Some(link) = page.next_link else { return Ok(elements) };
        if seen.len() + 1 >= MAX_PAGES {
            return Err(undocumented(call, Finding::TooManyPages { limit: MAX_PAGES }));
        }
        if !seen.insert(link.clone()) {
            return Err(undocumented(call, Finding::LinkLoop));
        }
        answer = client.send(&Request::link(link)).await?;
    }
}

#[derive(Deserialize)]
struct Page<T> {
    value: Vec<T>,
    #[serde(rename = "@odata.nextLink")]
    next_link: Option<String>,
}

impl<T: DeserializeOwned> Page<T> {
    fn read(answer: Answer) -> Result<Self, Error> {
        let has_value = answer.body.get("value").is_some_and(|value| !value.is_null());
        // Asked here: an array could pass for the struct, field by field.
        if !answer.body.is_null() && !has_value {
            return Err(undocumented(answer.call, Finding::NoValue));
        }
        answer.decode()
    }
}

impl Answer {
    /// Whether this page is the whole collection.
    pub fn is_last_page(&self) -> bool {
        self.body.get("@odata.nextLink").is_none_or(Value::is_null)
    }
}
