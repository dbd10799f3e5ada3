//! The records of one session about policies and their assignments. A session belongs to one configuration of the
//! provider. The records are kept in memory only.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::graph::PolicyCollection;

use self::inclusions::Inclusions;
use self::lookups::Lookups;
use self::policy_records::PolicyRecords;
use self::snapshot::Snapshot;

mod group_lookup;
pub(crate) mod inclusions;
pub(crate) mod lookups;
pub(crate) mod policy_records;
pub(crate) mod snapshot;

/// The records of one session.
#[derive(Debug)]
pub(crate) struct SessionRecords {
    /// Which groups and filters exist.
    pub(crate) lookups: Lookups,
    /// Which groups the planned policies include.
    pub(crate) inclusions: Inclusions,
    bulk_refresh: bool,
    is_applying: AtomicBool,
    collections: Mutex<HashMap<PolicyCollection, Arc<CollectionRecords>>>,
}

/// The records about the policies of one collection.
#[derive(Debug)]
pub(crate) struct CollectionRecords {
    /// The list of all policies.
    pub(crate) snapshot: Snapshot,
    /// What this session has read, planned and written.
    pub(crate) policies: PolicyRecords,
}

impl SessionRecords {
    /// Empty records. Without `bulk_refresh`, policies are never listed.
    pub(crate) fn new(bulk_refresh: bool) -> Self {
        Self {
            lookups: Lookups::default(),
            inclusions: Inclusions::default(),
            bulk_refresh,
            is_applying: AtomicBool::default(),
            collections: Mutex::default(),
        }
    }

    /// The records about the policies of a collection.
    pub(crate) fn collection(&self, collection: PolicyCollection) -> Arc<CollectionRecords> {
        let mut collections = self.collections.lock().unwrap_or_else(PoisonError::into_inner);
        let records = collections.entry(collection).or_insert_with(|| {
            let snapshot = Snapshot::new(self.bulk_refresh);
            Arc::new(CollectionRecords { snapshot, policies: PolicyRecords::default() })
        });
        Arc::clone(records)
    }

    /// The collections for which this session has records, except `excluded`.
    pub(crate) fn other_collections(&self, excluded: PolicyCollection) -> Vec<PolicyCollection> {
        let collections = self.collections.lock().unwrap_or_else(PoisonError::into_inner);
        collections.keys().copied().filter(|collection| *collection != excluded).collect()
    }

    /// Records that Terraform is applying a plan. From then on, every plan repeats an earlier one.
    pub(crate) fn record_apply(&self) {
        self.is_applying.store(true, Ordering::Relaxed);
    }

    /// Whether Terraform is applying a plan.
    pub(crate) fn is_applying(&self) -> bool {
        self.is_applying.load(Ordering::Relaxed)
    }

    /// Whether this session has written any policy.
    pub(crate) fn has_written(&self) -> bool {
        let collections = self.collections.lock().unwrap_or_else(PoisonError::into_inner);
        collections.values().any(|collection| collection.policies.has_written())
    }
}

impl CollectionRecords {
    /// The name of a policy, if the session has read or listed the policy.
    pub(crate) async fn name_of(&self, id: &str) -> Option<String> {
        match self.policies.name(id) {
            Some(name) => Some(name),
            None => self.snapshot.name_of(id).await,
        }
    }
}
