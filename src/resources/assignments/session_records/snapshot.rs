//! The list of all policies, fetched at most once in 30 seconds and shared by all resources. Callers use the list to
//! confirm that a policy is unchanged or has no direct assignments. If the list does not confirm it, the caller reads
//! the policy itself.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::graph::types::{Assignment, ListedPolicy};
use crate::graph::{self, Policies, PolicyId};
use crate::resources::assignments::kind::{ListedKind, PolicyKind};

/// The number of policies that are read individually before the list is fetched. By default, Terraform refreshes ten
/// resources at a time.
const READS_BEFORE_LIST: usize = 10;

/// The maximum age of the list, and the time limit for fetching it.
const MAX_AGE: Duration = Duration::from_secs(30);

/// If a policy has at least this many assignments, Graph may omit some of them from the list without a link to the
/// rest.
const MIN_TRUNCATED_ROWS: usize = 10;

/// The list of policies, fetched after [`READS_BEFORE_LIST`] reads.
#[derive(Debug)]
pub(crate) struct Snapshot {
    is_enabled: bool,
    reads: AtomicUsize,
    list: Mutex<List>,
}

/// The state of the list.
#[derive(Debug)]
enum List {
    NotFetched,
    /// The policies. `None` for a policy that is listed twice or whose assignments may be incomplete.
    Fetched {
        fetched_at: Instant,
        policies: HashMap<PolicyId, Option<ListedPolicy>>,
    },
    /// Sign-in failed or Graph refused the token. Other requests will fail for the same reason.
    Refused(graph::Error),
    /// Fetching failed. Policies are read individually.
    Failed,
}

impl Snapshot {
    /// A list that has not been fetched. Without `bulk_refresh`, it is never fetched.
    pub(crate) fn new(bulk_refresh: bool) -> Self {
        Self { is_enabled: bulk_refresh, reads: AtomicUsize::new(0), list: Mutex::new(List::NotFetched) }
    }

    /// Returns the policy from the list; `None` if the list is not in use or may not show the policy correctly. The
    /// first caller fetches the list; the others wait for its result.
    ///
    /// # Errors
    /// Sign-in failed, or Graph refused the token.
    pub(crate) async fn policy(
        &self,
        client: &graph::Client,
        kind: &PolicyKind,
        id: &str,
    ) -> Result<Option<ListedPolicy>, graph::Error> {
        let Some(listed) = kind.in_list else { return Ok(None) };
        if !self.is_enabled || self.reads.fetch_add(1, Ordering::Relaxed) < READS_BEFORE_LIST {
            return Ok(None);
        }
        let mut list = self.list.lock().await;
        if list.needs_fetch(client.clock().now()) {
            *list = List::fetch(client, client.policies(kind.collection), listed).await;
        }
        match &*list {
            List::Fetched { policies, .. } => Ok(policies.get(&PolicyId::new(id)).cloned().flatten()),
            List::Refused(error) => Err(error.clone()),
            List::NotFetched | List::Failed => Ok(None),
        }
    }
}

/// Reads of a list that was fetched before. They send nothing.
impl Snapshot {
    /// The policies in the list, without those whose type is unknown; none if the list was not fetched. Waits for a
    /// fetch in progress. [`by_id`] has dropped the policies of other kinds.
    pub(crate) async fn policies_if_fetched(&self) -> Vec<ListedPolicy> {
        match &*self.list.lock().await {
            List::Fetched { policies, .. } => {
                let policies = policies.values().flatten();
                policies.filter(|policy| policy.type_name().is_some()).cloned().collect()
            }
            _ => Vec::new(),
        }
    }

    /// The name of a policy in the list; `None` if the list was not fetched or does not show the policy.
    pub(crate) async fn name_of(&self, id: &str) -> Option<String> {
        match &*self.list.lock().await {
            List::Fetched { policies, .. } => {
                policies.get(&PolicyId::new(id))?.as_ref()?.display_name.clone()
            }
            _ => None,
        }
    }
}

impl List {
    fn needs_fetch(&self, now: Instant) -> bool {
        match self {
            Self::NotFetched => true,
            Self::Fetched { fetched_at, .. } => now.saturating_duration_since(*fetched_at) > MAX_AGE,
            Self::Refused(_) | Self::Failed => false,
        }
    }

    async fn fetch(client: &graph::Client, policies: Policies<'_>, kind: ListedKind) -> Self {
        let fetched_at = client.clock().now();
        match tokio::time::timeout(MAX_AGE, policies.list()).await {
            Ok(Ok(listed)) => Self::Fetched { fetched_at, policies: by_id(listed, kind) },
            Ok(Err(error)) if error.is_unauthorized() || matches!(error, graph::Error::NotSignedIn(_)) => {
                Self::Refused(error)
            }
            Ok(Err(error)) => {
                tracing::debug!(%error, "the list of policies could not be fetched; policies are read individually");
                Self::Failed
            }
            Err(_) => {
                tracing::debug!("fetching the list of policies timed out; policies are read individually");
                Self::Failed
            }
        }
    }
}

/// The policies that may be of the kind, by id. Graph may omit the type, so a policy without type is included. A
/// policy that is listed twice is `None`, because it may have changed between two pages.
fn by_id(listed: Vec<ListedPolicy>, kind: ListedKind) -> HashMap<PolicyId, Option<ListedPolicy>> {
    let mut policies = HashMap::new();
    let may_be_of_kind =
        |policy: &ListedPolicy| policy.type_name().is_none_or(|type_name| type_name == kind.type_name);
    for policy in listed.into_iter().filter(may_be_of_kind) {
        match policies.entry(PolicyId::new(&policy.id)) {
            Entry::Vacant(entry) => {
                entry.insert(is_complete(&policy).then_some(policy));
            }
            Entry::Occupied(mut entry) => {
                entry.insert(None);
            }
        }
    }
    policies
}

/// Whether the list gives no sign that it omits assignments of the policy. The signs are a link to further assignments,
/// a large number of assignments, and duplicates.
fn is_complete(policy: &ListedPolicy) -> bool {
    let Some(rows) = &policy.assignments else { return false };
    policy.assignments_next_link.is_none() && rows.len() < MIN_TRUNCATED_ROWS && !has_duplicates(rows)
}

fn has_duplicates(rows: &[Assignment]) -> bool {
    let is_same = |row: &Assignment, other: &Assignment| {
        (row.id.is_some() && other.id == row.id) || (other.source == row.source && other.target == row.target)
    };
    rows.iter().enumerate().any(|(position, row)| rows.iter().take(position).any(|other| is_same(row, other)))
}
