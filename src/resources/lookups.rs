//! Looks up groups and assignment filters while planning. Questions that arrive together share one call, and answers
//! are kept for the life of the session.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex as StdMutex, PoisonError};
use tokio::sync::{Mutex, OnceCell};

use crate::graph;
use crate::graph::types::AssignmentFilter;

/// Groups and filters by their ids in lower case.
#[derive(Debug, Default)]
pub(super) struct Lookups {
    /// Ids that callers wait for.
    wanted_groups: StdMutex<BTreeSet<String>>,
    /// Whether each group exists.
    groups: Mutex<HashMap<String, bool>>,
    filters: OnceCell<HashMap<String, AssignmentFilter>>,
    /// The kinds of look-ups that have failed in this session.
    failed: StdMutex<HashMap<LookupKind, Failed>>,
    reported: StdMutex<HashMap<&'static str, String>>,
}

/// What a plan looks up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum LookupKind {
    /// Policies of creates and replacements.
    Policies,
    /// Groups that enter a set.
    Groups,
    /// Assignment filters that enter a set.
    Filters,
}

/// Why look-ups of a kind are not made any more.
#[derive(Debug, Clone)]
pub(super) enum Failed {
    /// Graph refused or failed, for as long as it was given.
    With(graph::Error),
    /// There was no answer in the time that a plan gives a look-up.
    TookTooLong,
}

impl LookupKind {
    /// For messages.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Policies => "policies",
            Self::Groups => "groups",
            Self::Filters => "assignment filters",
        }
    }
}

impl Lookups {
    /// Those of the groups that do not exist. The first caller performs the request; the others wait for its result.
    ///
    /// # Errors
    /// The look-up failed, now or earlier in this session: nothing is known of these groups.
    pub(super) async fn missing_groups(
        &self,
        client: &graph::Client,
        ids: &BTreeSet<String>,
    ) -> Result<Vec<String>, graph::Error> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        self.wanted_groups.lock().unwrap_or_else(PoisonError::into_inner).extend(ids.iter().cloned());
        let clock = client.clock();
        clock.sleep_until(clock.now() + graph::BATCH_WINDOW).await;
        let mut groups = self.groups.lock().await;
        if let Some(Failed::With(error)) = self.failure_of(LookupKind::Groups) {
            return Err(error);
        }
        let unknown = ids.iter().any(|id| !groups.contains_key(id));
        if unknown {
            self.look_up_wanted(client, ids, &mut groups).await?;
        }
        Ok(ids.iter().filter(|id| groups.get(*id) == Some(&false)).cloned().collect())
    }

    /// The filter, or `None` if there is none of that id.
    ///
    /// # Errors
    /// The look-up failed.
    pub(super) async fn filter(
        &self,
        client: &graph::Client,
        id: &str,
    ) -> Result<Option<&AssignmentFilter>, graph::Error> {
        let filters = self.filters.get_or_try_init(|| async {
            if let Some(Failed::With(error)) = self.failure_of(LookupKind::Filters) {
                return Err(error);
            }
            let listed = client.list_assignment_filters().await;
            let filters = self.noting_failure(LookupKind::Filters, listed)?;
            Ok(filters.into_iter().map(|filter| (filter.id.to_ascii_lowercase(), filter)).collect())
        });
        Ok(filters.await?.get(&id.to_ascii_lowercase()))
    }

    /// Why look-ups of this kind are not made any more, if they are not.
    pub(super) fn failure_of(&self, kind: LookupKind) -> Option<Failed> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner).get(&kind).cloned()
    }

    /// Ends look-ups of this kind for the session. A service that has failed for as long as it was given is not asked
    /// again for each resource.
    pub(super) fn note_failure(&self, kind: LookupKind, failed: Failed) {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner).entry(kind).or_insert(failed);
    }

    fn noting_failure<T>(
        &self,
        kind: LookupKind,
        result: Result<T, graph::Error>,
    ) -> Result<T, graph::Error> {
        result.inspect_err(|error| self.note_failure(kind, Failed::With(error.clone())))
    }

    /// The summary under which this was reported earlier in the session; otherwise notes this one.
    pub(super) fn reported_before(&self, subject: &'static str, summary: &str) -> Option<String> {
        let mut reported = self.reported.lock().unwrap_or_else(PoisonError::into_inner);
        let earlier = reported.get(subject).cloned();
        if earlier.is_none() {
            reported.insert(subject, summary.to_owned());
        }
        earlier
    }

    /// Asks for these and for all others that are waited for, in one call.
    async fn look_up_wanted(
        &self,
        client: &graph::Client,
        ids: &BTreeSet<String>,
        groups: &mut HashMap<String, bool>,
    ) -> Result<(), graph::Error> {
        let mut wanted =
            std::mem::take(&mut *self.wanted_groups.lock().unwrap_or_else(PoisonError::into_inner));
        wanted.extend(ids.iter().cloned());
        let wanted: Vec<String> = wanted.into_iter().filter(|id| !groups.contains_key(id)).collect();
        let found = client.get_groups_by_ids(&wanted).await;
        let found = self.noting_failure(LookupKind::Groups, found)?;
        groups.extend(wanted.into_iter().map(|id| (id, false)));
        groups.extend(found.into_iter().map(|group| (group.id.to_ascii_lowercase(), true)));
        Ok(())
    }
}
