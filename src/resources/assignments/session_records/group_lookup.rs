//! Looks up whether groups exist. Look-ups that arrive together share a request, and the session keeps their results.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tokio::sync::oneshot;

use crate::graph::gatherer::{Gathered, Gatherer};
use crate::graph::{self, GroupId};

/// Graph's limit of ids in one request.
const MAX_IDS: usize = 1_000;

/// The groups that have been looked up, and the look-ups that wait.
#[derive(Debug)]
pub(super) struct GroupLookup {
    waiting: Arc<Gatherer<Lookup>>,
    known: Arc<KnownGroups>,
}

/// The results of the look-ups.
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
        // One request at a time: if it fails, the waiting look-ups fail as well and send nothing.
        Self { waiting: Arc::new(Gatherer::new(MAX_IDS, None)), known: Arc::default() }
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
        let unknown = self.known.unknown_of(ids);
        if !unknown.is_empty() {
            let (result, receiver) = oneshot::channel();
            let (client, known) = (client.clone(), Arc::clone(&self.known));
            let send = move |lookups| send(client.clone(), Arc::clone(&known), lookups);
            self.waiting.add(Lookup { ids: unknown, result }, send);
            // There is no result if the task has panicked. No group is then reported as missing, and apply checks
            // again.
            receiver.await.unwrap_or(Ok(()))?;
        }
        Ok(self.known.missing_of(ids))
    }
}

impl Gathered for Lookup {
    fn size(&self) -> usize {
        self.ids.len()
    }

    fn is_abandoned(&self) -> bool {
        self.result.is_closed()
    }
}

impl KnownGroups {
    fn unknown_of(&self, ids: &BTreeSet<GroupId>) -> BTreeSet<GroupId> {
        let known = self.groups.lock().unwrap_or_else(PoisonError::into_inner);
        ids.iter().filter(|id| !known.contains_key(*id)).cloned().collect()
    }

    fn missing_of(&self, ids: &BTreeSet<GroupId>) -> Vec<GroupId> {
        let known = self.groups.lock().unwrap_or_else(PoisonError::into_inner);
        ids.iter().filter(|id| known.get(*id) == Some(&false)).cloned().collect()
    }

    fn record(&self, wanted: Vec<GroupId>, found: Vec<graph::types::Group>) {
        let mut known = self.groups.lock().unwrap_or_else(PoisonError::into_inner);
        known.extend(wanted.into_iter().map(|id| (id, false)));
        known.extend(found.into_iter().map(|group| (GroupId::new(&group.id), true)));
    }
}

/// Looks up, in one request, the groups that no earlier look-up has requested.
async fn send(client: graph::Client, known: Arc<KnownGroups>, lookups: Vec<Lookup>) {
    let wanted = lookups.iter().flat_map(|lookup| &lookup.ids).cloned().collect();
    let wanted: Vec<GroupId> = known.unknown_of(&wanted).into_iter().collect();
    let found = match known.failure.get() {
        Some(error) => Err(error.clone()),
        None => client.get_groups_by_ids(&wanted).await.map(|found| known.record(wanted, found)),
    };
    if let Err(error) = &found {
        let _ = known.failure.set(error.clone());
    }
    for lookup in lookups {
        // A caller that has given up has dropped its receiver.
        lookup.result.send(found.clone()).ok();
    }
}
