//! Collections: reads `value` and follows `@odata.nextLink` to the last page. Builds no other requests.
//!
//! ```text
//! {"@odata.context": "…", "value": [ … ], "@odata.nextLink": "https://…"}
//! ```

use std::collections::HashSet;
use std::sync::Arc;

use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};

use crate::transport::memory_budget::MemoryReservation;

use super::call_record::CallRecord;
use super::client::Client;
use super::error::Error;
use super::json_body::JsonBody;
use super::request::Request;
use super::response::Response;
use super::response_problem::{BodyError, ResponseProblem};
use super::types::{
    Assignment, AssignmentFilter, ConflictSummary, DeviceConfiguration, EdrPolicy, Group, ListedPolicy,
    PolicySetting, ThreatDefenseConnector,
};

/// The maximum number of pages, far more than any tenant has. The limit ends the loop if a service returns a new link
/// each time.
const MAX_PAGES: usize = 2_000;

/// The maximum length of a next link. Graph's skip tokens have a few kilobytes at most.
const MAX_LINK_BYTES: usize = 16 * 1024;

const MIB: usize = 1024 * 1024;

/// An element of a collection.
pub trait CollectionElement: DeserializeOwned {
    /// The maximum memory that all elements of one collection may take, in bytes.
    const MAX_COLLECTION_BYTES: usize;
}

/// Enough for 4,000 assignments of one policy.
impl CollectionElement for Assignment {
    const MAX_COLLECTION_BYTES: usize = 4 * MIB;
}

/// Enough for 10,000 policies with three assignments each.
impl CollectionElement for ListedPolicy {
    const MAX_COLLECTION_BYTES: usize = 48 * MIB;
}

/// One request asks for at most a thousand groups. The limit is four times the memory that they take.
impl CollectionElement for Group {
    const MAX_COLLECTION_BYTES: usize = 16 * MIB;
}

/// A tenant has a few hundred filters.
impl CollectionElement for AssignmentFilter {
    const MAX_COLLECTION_BYTES: usize = 8 * MIB;
}

/// Enough for 5,000 device configurations of any type with all their members.
impl CollectionElement for DeviceConfiguration {
    const MAX_COLLECTION_BYTES: usize = 64 * MIB;
}

/// Enough for thousands of policies with two settings each.
impl CollectionElement for EdrPolicy {
    const MAX_COLLECTION_BYTES: usize = 48 * MIB;
}

/// Far more than the settings of one policy take.
impl CollectionElement for PolicySetting {
    const MAX_COLLECTION_BYTES: usize = 8 * MIB;
}

/// A tenant has at most a few hundred conflicts.
impl CollectionElement for ConflictSummary {
    const MAX_COLLECTION_BYTES: usize = 8 * MIB;
}

/// A tenant has a handful of connectors.
impl CollectionElement for ThreatDefenseConnector {
    const MAX_COLLECTION_BYTES: usize = MIB;
}

/// Fetches all elements of a collection.
pub async fn fetch_all<T: CollectionElement>(client: &Client, first: &Request) -> Result<Vec<T>, Error> {
    let response = client.send(first).await?;
    fetch_from(client, response).await
}

/// Fetches all elements of a collection whose first page is `first`.
///
/// Links are opaque and are followed unchanged ("Paging Microsoft Graph data in your app"). The client refuses links to
/// another host. If any page fails, the call fails: it never returns a part of the collection.
pub async fn fetch_from<T: CollectionElement>(client: &Client, first: Response) -> Result<Vec<T>, Error> {
    let mut pages = Pages::new(first);
    while pages.add_next(client).await? {}
    Ok(pages.elements)
}

/// Fetches all elements of a collection; `None` if the collection has more than `max_pages` pages.
pub async fn fetch_if_short<T: CollectionElement>(
    client: &Client,
    first: &Request,
    max_pages: usize,
) -> Result<Option<Vec<T>>, Error> {
    let mut pages = Pages::new(client.send(first).await?);
    for _ in 0..max_pages {
        if !pages.add_next(client).await? {
            return Ok(Some(pages.elements));
        }
    }
    Ok(None)
}

/// The pages of a collection that have been received so far.
struct Pages<T> {
    elements: Vec<T>,
    /// The latest page, as long as its elements are not in `elements` yet.
    pending_page: Option<Response>,
    followed_links: HashSet<String>,
    size: CollectionSize,
}

impl<T: CollectionElement> Pages<T> {
    fn new(first: Response) -> Self {
        let size = CollectionSize::new(T::MAX_COLLECTION_BYTES);
        Self { elements: Vec::new(), pending_page: Some(first), followed_links: HashSet::new(), size }
    }

    /// Adds the elements of the pending page and requests the next page. Returns false if there is no next page.
    async fn add_next(&mut self, client: &Client) -> Result<bool, Error> {
        let Some(response) = self.pending_page.take() else { return Ok(false) };
        let call = response.call.clone();
        self.size.add(&call, &response.body)?;
        let page = CollectionPage::parse(response)?;
        self.elements.extend(page.value.unwrap_or_default());
        let Some(link) = page.next_link else { return Ok(false) };
        check_link(&call, &link, &mut self.followed_links)?;
        self.pending_page = Some(client.send(&Request::link(link)).await?);
        Ok(true)
    }
}

/// Refuses a link that is too long or was followed before, and any link after [`MAX_PAGES`] pages.
fn check_link(call: &CallRecord, link: &str, followed: &mut HashSet<String>) -> Result<(), Error> {
    let problem = if followed.len() + 1 >= MAX_PAGES {
        ResponseProblem::TooManyPages { limit: MAX_PAGES }
    } else if link.len() > MAX_LINK_BYTES {
        ResponseProblem::LinkTooLong { limit_bytes: MAX_LINK_BYTES }
    } else if followed.insert(link.to_owned()) {
        return Ok(());
    } else {
        ResponseProblem::LinkLoop
    };
    Err(Error::undocumented(call.clone(), problem))
}

/// The memory that the pages of a collection take so far. Each collection has a limit, and all collections of the
/// process share a budget.
struct CollectionSize {
    bytes: usize,
    limit_bytes: usize,
    reservation: MemoryReservation,
}

impl CollectionSize {
    fn new(limit_bytes: usize) -> Self {
        Self { bytes: 0, limit_bytes, reservation: MemoryReservation::default() }
    }

    fn add(&mut self, call: &CallRecord, page: &JsonBody) -> Result<(), Error> {
        self.bytes = self.bytes.saturating_add(page.decoded_bytes());
        if self.bytes > self.limit_bytes {
            let problem = ResponseProblem::CollectionTooLarge { limit_bytes: self.limit_bytes };
            return Err(Error::undocumented(call.clone(), problem));
        }
        if self.reservation.try_grow(page.decoded_bytes()) {
            Ok(())
        } else {
            Err(Error::incomplete_response(call.clone(), Arc::new(BodyError::OutOfMemoryBudget)))
        }
    }
}

#[derive(Deserialize)]
struct CollectionPage<T> {
    /// Never `None` after parsing: a page without `value` is an error, not an empty page.
    value: Option<Vec<T>>,
    #[serde(rename = "@odata.nextLink")]
    next_link: Option<String>,
}

impl<T: DeserializeOwned> CollectionPage<T> {
    fn parse(response: Response) -> Result<Self, Error> {
        if !response.body.is_empty() && !response.body.is_object() {
            return Err(Error::undocumented(response.call, ResponseProblem::NoValue));
        }
        let call = response.call.clone();
        let page: Self = response.decode()?;
        if page.value.is_some() { Ok(page) } else { Err(Error::undocumented(call, ResponseProblem::NoValue)) }
    }
}

impl Response {
    /// Whether this page has no next link.
    pub fn is_last_page(&self) -> bool {
        #[derive(Deserialize)]
        struct Link {
            #[serde(rename = "@odata.nextLink")]
            next_link: Option<IgnoredAny>,
        }
        !self.body.is_object() || self.body.decode().is_ok_and(|Link { next_link }| next_link.is_none())
    }
}
