//! Looks up whether groups exist. Look-ups that arrive together share a request, and the session keeps their results.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tokio::sync::oneshot;

use crate::graph::gatherer::{Gatherer, QueuedWork};
use crate::graph::{self, GroupId};

/// Graph's limit on ids in one request.
const MAX_IDS: usize = 1_000;

/// The results of finished look-ups, and the queue of look-ups that wait for a request.
#[derive(Debug)]
pub(super) struct GroupLookup {
    queue: Arc<Gatherer<Lookup>>,
    known: Arc<KnownGroups>,
}

/// The results of finished look-ups.
#[derive(Debug, Default)]
struct KnownGroups {
    /// Whether each group exists.
    groups: Mutex<HashMap<GroupId, bool>>,
    /// The first failure, which ends the look-ups of the session.
    failure: OnceLock<graph::Error>,
}

/// A look-up, and the channel for its result.
#[derive(Debug)]
struct Lookup {
    ids: BTreeSet<GroupId>,
    result: oneshot::Sender<Result<(), graph::Error>>,
}

impl Default for GroupLookup {
    fn default() -> Self {
        // Without a maximum wait, look-ups wait for the request in flight. If it fails, they fail as well and send
        // nothing.
        Self { queue: Arc::new(Gatherer::new(MAX_IDS, None)), known: Arc::default() }
    }
}

impl GroupLookup {
    /// Returns the groups that do not exist.
    ///
    /// # Errors
    /// The look-up failed, so it is not known which of the groups exist.
    pub(super) async fn missing(
        &self,
        client: &graph::Client,
        ids: &BTreeSet<GroupId>,
    ) -> Result<Vec<GroupId>, graph::Error> {
        let unknown = self.known.without_result(ids);
        if !unknown.is_empty() {
            let (result, receiver) = oneshot::channel();
            let (client, known) = (client.clone(), Arc::clone(&self.known));
            let send = move |lookups| look_up(client.clone(), Arc::clone(&known), lookups);
            self.queue.add(Lookup { ids: unknown, result }, send);
            // There is no result if the task has panicked. The groups then count as existing. That loses nothing,
            // because Graph refuses a write with a group that does not exist.
            receiver.await.unwrap_or(Ok(()))?;
        }
        Ok(self.known.missing(ids))
    }
}

impl QueuedWork for Lookup {
    fn size(&self) -> usize {
        self.ids.len()
    }

    fn is_abandoned(&self) -> bool {
        self.result.is_closed()
    }
}

impl KnownGroups {
    fn without_result(&self, ids: &BTreeSet<GroupId>) -> BTreeSet<GroupId> {
        let known = self.groups.lock().unwrap_or_else(PoisonError::into_inner);
        ids.iter().filter(|id| !known.contains_key(*id)).cloned().collect()
    }

    fn missing(&self, ids: &BTreeSet<GroupId>) -> Vec<GroupId> {
        let known = self.groups.lock().unwrap_or_else(PoisonError::into_inner);
        ids.iter().filter(|id| known.get(*id) == Some(&false)).cloned().collect()
    }

    fn record(&self, requested: Vec<GroupId>, existing: Vec<graph::types::Group>) {
        let mut known = self.groups.lock().unwrap_or_else(PoisonError::into_inner);
        known.extend(requested.into_iter().map(|id| (id, false)));
        known.extend(existing.into_iter().map(|group| (GroupId::new(&group.id), true)));
    }
}

/// Looks up, in one request, the groups that have no result yet.
async fn look_up(client: graph::Client, known: Arc<KnownGroups>, lookups: Vec<Lookup>) {
    let requested = lookups.iter().flat_map(|lookup| &lookup.ids).cloned().collect();
    let requested: Vec<GroupId> = known.without_result(&requested).into_iter().collect();
    let result = match known.failure.get() {
        Some(error) => Err(error.clone()),
        None => client.get_groups_by_ids(&requested).await.map(|existing| known.record(requested, existing)),
    };
    if let Err(error) = &result {
        let _ = known.failure.set(error.clone());
    }
    for lookup in lookups {
        // Sending fails if the caller has stopped waiting and has dropped its receiver.
        lookup.result.send(result.clone()).ok();
    }
}
