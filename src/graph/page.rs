//! Collections: reading `value` and following `@odata.nextLink` to its end. Does not build requests.
//!
//! ```text
//! {"@odata.context": "…", "value": [ … ], "@odata.nextLink": "https://…"}
//! ```

use std::collections::HashSet;

use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};

use crate::transport::budget::Share;

use super::answer::{Answer, undocumented};
use super::body::Json;
use super::call::Call;
use super::client::Client;
use super::error::{BodyProblem, Error, Finding};
use super::request::Request;
use super::types::{Assignment, AssignmentFilter, Group, ListedDeviceConfiguration};

/// Far beyond any tenant, but an end: a service that makes up a new link each time must not hold us forever.
const MAX_PAGES: usize = 2_000;

/// Skip tokens of Graph have up to some kilobytes.
const MAX_LINK_BYTES: usize = 16 * 1024;

const MIB: usize = 1024 * 1024;

/// What a collection is made of.
pub trait Element: DeserializeOwned {
    /// The most memory that all elements of one collection may take, in bytes.
    const MOST_BYTES: usize;
}

/// 4,000 assignments of one policy.
impl Element for Assignment {
    const MOST_BYTES: usize = 4 * MIB;
}

/// 10,000 policies with three assignments each.
impl Element for ListedDeviceConfiguration {
    const MOST_BYTES: usize = 48 * MIB;
}

/// Four times a thousand groups, which is as many as one call asks for, with all their members.
impl Element for Group {
    const MOST_BYTES: usize = 16 * MIB;
}

/// A tenant has some hundred filters.
impl Element for AssignmentFilter {
    const MOST_BYTES: usize = 8 * MIB;
}

/// All elements of a collection, from the first page on.
pub async fn collect<T: Element>(client: &Client, first: &Request) -> Result<Vec<T>, Error> {
    let answer = client.send(first).await?;
    follow(client, answer).await
}

/// All elements of a collection whose first page has been answered.
///
/// Links are opaque and used as given ("Paging Microsoft Graph data in your app"); the client refuses those of
/// another host. A page that fails fails the whole: part of a collection is never handed out.
pub async fn follow<T: Element>(client: &Client, first: Answer) -> Result<Vec<T>, Error> {
    let mut seen = HashSet::new();
    let mut elements = Vec::new();
    let mut size = Size::up_to(T::MOST_BYTES);
    let mut answer = first;
    loop {
        let call = answer.call.clone();
        size.add(&call, &answer.body)?;
        let page = Page::read(answer)?;
        elements.extend(page.value.unwrap_or_default());
        let Some(link) = page.next_link else { return Ok(elements) };
        check_link(&call, &link, &mut seen)?;
        answer = client.send(&Request::link(link)).await?;
    }
}

/// Whether a link leads on: it is short, new, and not one too many.
fn check_link(call: &Call, link: &str, seen: &mut HashSet<String>) -> Result<(), Error> {
    let finding = if seen.len() + 1 >= MAX_PAGES {
        Finding::TooManyPages { limit: MAX_PAGES }
    } else if link.len() > MAX_LINK_BYTES {
        Finding::LinkTooLong { limit_bytes: MAX_LINK_BYTES }
    } else if seen.insert(link.to_owned()) {
        return Ok(());
    } else {
        Finding::LinkLoop
    };
    Err(undocumented(call.clone(), finding))
}

/// What the pages of a collection take in memory so far, of a bound for this collection and of a budget for all.
struct Size {
    bytes: usize,
    limit_bytes: usize,
    share: Share,
}

impl Size {
    fn up_to(limit_bytes: usize) -> Self {
        Self { bytes: 0, limit_bytes, share: Share::default() }
    }

    fn add(&mut self, call: &Call, page: &Json) -> Result<(), Error> {
        self.bytes = self.bytes.saturating_add(page.cost());
        if self.bytes > self.limit_bytes {
            let finding = Finding::CollectionTooLarge { limit_bytes: self.limit_bytes };
            return Err(undocumented(call.clone(), finding));
        }
        if self.share.grow(page.cost()) {
            Ok(())
        } else {
            Err(Error::lost(call.clone(), BodyProblem::Crowded))
        }
    }
}

#[derive(Deserialize)]
struct Page<T> {
    /// Never to be taken for an empty list if it is absent or null.
    value: Option<Vec<T>>,
    #[serde(rename = "@odata.nextLink")]
    next_link: Option<String>,
}

impl<T: DeserializeOwned> Page<T> {
    fn read(answer: Answer) -> Result<Self, Error> {
        if !answer.body.is_empty() && !answer.body.is_object() {
            return Err(undocumented(answer.call, Finding::NoValue));
        }
        let call = answer.call.clone();
        let page: Self = answer.decode()?;
        if page.value.is_some() { Ok(page) } else { Err(undocumented(call, Finding::NoValue)) }
    }
}

impl Answer {
    /// Whether this page is the whole collection.
    pub fn is_last_page(&self) -> bool {
        #[derive(Deserialize)]
        struct Link {
            #[serde(rename = "@odata.nextLink")]
            next_link: Option<IgnoredAny>,
        }
        !self.body.is_object() || self.body.decode().is_ok_and(|Link { next_link }| next_link.is_none())
    }
}
