//! Looks up groups and assignment filters while planning. Questions that arrive together share one call, and answers
//! are kept for the life of the session.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex as StdMutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Mutex, OnceCell};

use crate::graph;
use crate::graph::types::AssignmentFilter;

/// How long the first question waits for others to come along. Terraform asks for ten resources at once.
const COMPANY: Duration = Duration::from_millis(5);

/// Groups and filters by their ids in lower case.
#[derive(Debug, Default)]
pub(super) struct Lookups {
    /// Ids that somebody waits for.
    wanted_groups: StdMutex<BTreeSet<String>>,
    groups: Mutex<Groups>,
    filters: OnceCell<Result<HashMap<String, AssignmentFilter>, graph::Error>>,
    /// Graph refuses permission to look at policies.
    policies_refused: AtomicBool,
    told: StdMutex<BTreeSet<&'static str>>,
}

#[derive(Debug, Default)]
struct Groups {
    /// Whether the group exists.
    known: HashMap<String, bool>,
    /// The look-up was refused; it is not tried again.
    refused: Option<graph::Error>,
}

impl Lookups {
    /// Those of the groups that do not exist. Whoever asks first lends the client to all that wait.
    ///
    /// # Errors
    /// The look-up failed, or was refused earlier in this session: nothing is known of these groups.
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
        clock.sleep_until(clock.now() + COMPANY).await;
        let mut groups = self.groups.lock().await;
        if let Some(error) = &groups.refused {
            return Err(error.clone());
        }
        let unknown = ids.iter().any(|id| !groups.known.contains_key(id));
        if unknown {
            self.look_up_wanted(client, ids, &mut groups).await?;
        }
        Ok(ids.iter().filter(|id| groups.known.get(*id) == Some(&false)).cloned().collect())
    }

    /// The filter, or `None` if there is none of that id.
    ///
    /// # Errors
    /// The look-up failed, or was refused earlier in this session.
    pub(super) async fn filter(
        &self,
        client: &graph::Client,
        id: &str,
    ) -> Result<Option<&AssignmentFilter>, graph::Error> {
        let filters = self.filters.get_or_try_init(|| async {
            match client.list_assignment_filters().await {
                Ok(filters) => Ok(Ok(filters
                    .into_iter()
                    .map(|filter| (filter.id.to_ascii_lowercase(), filter))
                    .collect())),
                // A refusal is remembered; another failure may pass, so the next question asks again.
                Err(error) if error.is_forbidden() => Ok(Err(error)),
                Err(error) => Err(error),
            }
        });
        match filters.await? {
            Ok(filters) => Ok(filters.get(&id.to_ascii_lowercase())),
            Err(error) => Err(error.clone()),
        }
    }

    /// Notes that Graph refuses permission to look at policies, so that no plan asks for one again.
    pub(super) fn note_refused_policies(&self) {
        self.policies_refused.store(true, Ordering::Relaxed);
    }

    /// Whether Graph has refused permission to look at policies.
    pub(super) fn policies_are_refused(&self) -> bool {
        self.policies_refused.load(Ordering::Relaxed)
    }

    /// Whether this is the first time that somebody has this to say in the session.
    pub(super) fn first_time(&self, subject: &'static str) -> bool {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).insert(subject)
    }

    /// Asks for these and for everything else that anybody waits for, in one call. A refusal is remembered; another
    /// failure may pass, so the next question asks again.
    async fn look_up_wanted(
        &self,
        client: &graph::Client,
        ids: &BTreeSet<String>,
        groups: &mut Groups,
    ) -> Result<(), graph::Error> {
        let mut wanted =
            std::mem::take(&mut *self.wanted_groups.lock().unwrap_or_else(PoisonError::into_inner));
        wanted.extend(ids.iter().cloned());
        let wanted: Vec<String> = wanted.into_iter().filter(|id| !groups.known.contains_key(id)).collect();
        match client.get_groups_by_ids(&wanted).await {
            Ok(found) => {
                groups.known.extend(wanted.into_iter().map(|id| (id, false)));
                groups.known.extend(found.into_iter().map(|group| (group.id.to_ascii_lowercase(), true)));
                Ok(())
            }
            Err(error) => {
                groups.refused = error.is_forbidden().then(|| error.clone());
                Err(error)
            }
        }
    }
}
