//! Looks up groups and assignment filters during a plan. Concurrent look-ups share one request, and the session keeps
//! the results. It also keeps which kinds of look-up have failed, including the look-up of policies, which
//! [`plan_guard`](super::super::plan_guard) makes.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};

use tokio::sync::OnceCell;

use crate::graph::types::AssignmentFilter;
use crate::graph::{self, FilterId, GroupId};
use crate::resources::reported_causes::ReportedCauses;

use super::group_lookup::GroupLookup;

/// The groups and filters that have been looked up.
#[derive(Debug, Default)]
pub(crate) struct Lookups {
    groups: GroupLookup,
    filters: OnceCell<HashMap<FilterId, AssignmentFilter>>,
    /// The kinds of look-up that have failed in this session.
    failed: Mutex<HashMap<LookupKind, LookupFailure>>,
    /// The causes of failed look-ups that have been reported.
    pub(crate) reported: ReportedCauses,
}

/// What a plan looks up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum LookupKind {
    /// Policies that a plan starts to manage or adds a group to.
    Policies,
    /// Groups that the plan adds to `assignments`.
    Groups,
    /// Assignment filters that the plan adds to `assignments`.
    Filters,
}

/// How a look-up failed.
#[derive(Debug, Clone)]
pub(crate) enum LookupFailure {
    /// Graph refused the look-up, or failed until the retry budget was used up.
    Graph(graph::Error),
    /// Graph did not answer within the time limit of look-ups in a plan.
    TimedOut,
}

impl LookupKind {
    /// The name of the looked-up objects, for messages.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Policies => "policies",
            Self::Groups => "groups",
            Self::Filters => "assignment filters",
        }
    }
}

impl Lookups {
    /// Returns the groups that do not exist.
    ///
    /// # Errors
    /// The look-up failed, so it is not known which of the groups exist. After an error of Graph, later calls return the
    /// same error and send nothing. After a time-out, the caller must not look up again.
    pub(crate) async fn missing_groups(
        &self,
        client: &graph::Client,
        ids: &BTreeSet<GroupId>,
    ) -> Result<Vec<GroupId>, graph::Error> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        if let Some(LookupFailure::Graph(error)) = self.failure(LookupKind::Groups) {
            return Err(error);
        }
        let missing = self.groups.missing(client, ids).await;
        self.record_if_failed(LookupKind::Groups, missing)
    }

    /// Returns the filter, or `None` if it does not exist.
    ///
    /// # Errors
    /// The look-up failed, as in [`missing_groups`](Self::missing_groups).
    pub(crate) async fn filter(
        &self,
        client: &graph::Client,
        id: &FilterId,
    ) -> Result<Option<&AssignmentFilter>, graph::Error> {
        let filters = self.filters.get_or_try_init(|| async {
            if let Some(LookupFailure::Graph(error)) = self.failure(LookupKind::Filters) {
                return Err(error);
            }
            let listed = client.list_assignment_filters().await;
            let filters = self.record_if_failed(LookupKind::Filters, listed)?;
            Ok(filters.into_iter().map(|filter| (FilterId::new(&filter.id), filter)).collect())
        });
        Ok(filters.await?.get(id))
    }

    /// The first failure of a look-up of this kind; `None` if none has failed. After a failure, callers make no more
    /// look-ups of the kind.
    pub(crate) fn failure(&self, kind: LookupKind) -> Option<LookupFailure> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner).get(&kind).cloned()
    }

    /// Records a failed look-up, so that the remaining resources do not each wait for a failing service.
    pub(crate) fn record_failure(&self, kind: LookupKind, failure: LookupFailure) {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner).entry(kind).or_insert(failure);
    }

    fn record_if_failed<T>(
        &self,
        kind: LookupKind,
        result: Result<T, graph::Error>,
    ) -> Result<T, graph::Error> {
        result.inspect_err(|error| self.record_failure(kind, LookupFailure::Graph(error.clone())))
    }
}
