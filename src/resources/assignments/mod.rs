//! What one configuration of the provider knows about assignments of policies.

use self::lookups::Lookups;
use self::policy_records::PolicyRecords;
use self::snapshot::Snapshot;

pub(super) mod lookups;
pub(super) mod policy_records;
pub(super) mod snapshot;

/// The knowledge of one session. Kept in memory only.
#[derive(Debug)]
pub(super) struct AssignmentState {
    /// Which groups and filters exist.
    pub(super) lookups: Lookups,
    /// The list of all policies.
    pub(super) snapshot: Snapshot,
    /// What this session has read, planned and written.
    pub(super) policies: PolicyRecords,
}

impl AssignmentState {
    /// Nothing is known yet, and nothing is sent. Without `bulk_refresh`, policies are never listed.
    pub(super) fn new(bulk_refresh: bool) -> Self {
        Self {
            lookups: Lookups::default(),
            snapshot: Snapshot::new(bulk_refresh),
            policies: PolicyRecords::default(),
        }
    }
}
