//! One look at the list of all policies, shared by all that only want to know whether something has changed. It
//! answers quickly and never decides: after a difference, or without a row, the caller reads the policy itself.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::graph;
use crate::graph::types::{Assignment, ListedDeviceConfiguration};

/// So many policies are asked for by themselves before the list is worth its pages. Terraform asks for ten at once.
const WITHOUT_LIST: usize = 10;

/// How old the list may be when it is used, and how long it may take to come.
const LIFE: Duration = Duration::from_secs(30);

/// From this number of rows on, an expansion may have been cut without saying so.
const EXPANSION_BOUND: usize = 10;

/// The list of policies, fetched once it is worth it.
#[derive(Debug)]
pub(super) struct Snapshot {
    is_wanted: bool,
    asked: AtomicUsize,
    list: Mutex<List>,
}

/// What became of the list.
#[derive(Debug)]
enum List {
    NotFetched,
    /// Policies by their ids in lower case; `None` where the list contradicts itself.
    Fetched {
        since: Instant,
        policies: HashMap<String, Option<ListedDeviceConfiguration>>,
    },
    /// The token was refused or not given, so that it is for everything else.
    Refused(graph::Error),
    /// It cannot be had. That is no finding about any policy.
    Failed,
}

impl Snapshot {
    /// Nothing fetched yet. With `bulk_refresh` off, nothing ever is.
    pub(super) fn new(bulk_refresh: bool) -> Self {
        Self { is_wanted: bulk_refresh, asked: AtomicUsize::new(0), list: Mutex::new(List::NotFetched) }
    }

    /// The policy as the list shows it, if the list is worth fetching by now and shows the policy and its rows
    /// beyond doubt. The first caller fetches the list; the others wait for its result.
    ///
    /// # Errors
    /// There is no token, or Graph refused it.
    pub(super) async fn policy(
        &self,
        client: &graph::Client,
        id: &str,
    ) -> Result<Option<ListedDeviceConfiguration>, graph::Error> {
        if !self.is_wanted || self.asked.fetch_add(1, Ordering::Relaxed) < WITHOUT_LIST {
            return Ok(None);
        }
        let mut list = self.list.lock().await;
        if list.is_to_be_fetched(client.clock().now()) {
            *list = List::fetch(client).await;
        }
        match &*list {
            List::Fetched { policies, .. } => Ok(policies.get(&id.to_ascii_lowercase()).cloned().flatten()),
            List::Refused(error) => Err(error.clone()),
            List::NotFetched | List::Failed => Ok(None),
        }
    }
}

impl List {
    fn is_to_be_fetched(&self, now: Instant) -> bool {
        match self {
            Self::NotFetched => true,
            Self::Fetched { since, .. } => now.saturating_duration_since(*since) > LIFE,
            Self::Refused(_) | Self::Failed => false,
        }
    }

    async fn fetch(client: &graph::Client) -> Self {
        let since = client.clock().now();
        match tokio::time::timeout(LIFE, client.list_device_configurations()).await {
            Ok(Ok(listed)) => Self::Fetched { since, policies: by_id(listed) },
            Ok(Err(error)) if error.is_unauthorized() || matches!(error, graph::Error::NotSignedIn(_)) => {
                Self::Refused(error)
            }
            Ok(Err(error)) => {
                tracing::debug!(%error, "the list of policies cannot be had; policies are read by themselves");
                Self::Failed
            }
            Err(_) => {
                tracing::debug!("the list of policies takes too long; policies are read by themselves");
                Self::Failed
            }
        }
    }
}

/// Policies that may be of a type which this provider manages. What is listed twice may have changed in between.
fn by_id(listed: Vec<ListedDeviceConfiguration>) -> HashMap<String, Option<ListedDeviceConfiguration>> {
    let mut policies = HashMap::new();
    for policy in listed.into_iter().filter(ListedDeviceConfiguration::may_be_defender_atp) {
        match policies.entry(policy.id.to_ascii_lowercase()) {
            Entry::Vacant(entry) => {
                entry.insert(is_whole(&policy).then_some(policy));
            }
            Entry::Occupied(mut entry) => {
                entry.insert(None);
            }
        }
    }
    policies
}

/// Whether the rows are all there, as far as the list shows.
fn is_whole(policy: &ListedDeviceConfiguration) -> bool {
    let Some(rows) = &policy.assignments else { return false };
    policy.further_assignments.is_none() && rows.len() < EXPANSION_BOUND && !has_repeated(rows)
}

fn has_repeated(rows: &[Assignment]) -> bool {
    let is_same = |row: &Assignment, other: &Assignment| {
        (row.id.is_some() && other.id == row.id) || (other.source == row.source && other.target == row.target)
    };
    rows.iter().enumerate().any(|(position, row)| rows.iter().take(position).any(|other| is_same(row, other)))
}
