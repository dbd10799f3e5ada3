//! Records which groups each planned policy includes. The caller compares policies of different collections, because
//! two onboarding policies of different kinds conflict on a device that gets both.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};

use crate::graph::{GroupId, PolicyCollection, PolicyId};

/// The collection and the id of a policy.
pub(crate) type PolicyKey = (PolicyCollection, PolicyId);

/// The planned inclusions of one session, by policy.
#[derive(Debug, Default)]
pub(crate) struct Inclusions {
    planned: Mutex<HashMap<PolicyKey, PlannedInclusions>>,
}

/// The groups that a policy includes after the plan.
#[derive(Debug, Clone, Default)]
pub(crate) struct PlannedInclusions {
    pub(crate) groups: BTreeSet<GroupId>,
    /// Whether the plan changes the targets of the policy.
    pub(crate) changes_targets: bool,
}

impl Inclusions {
    /// Records the planned inclusions of a policy. Returns the planned inclusions of policies of other collections.
    pub(crate) fn record_and_list_others(
        &self,
        policy: PolicyKey,
        planned: PlannedInclusions,
    ) -> HashMap<PolicyKey, PlannedInclusions> {
        let mut all = self.planned.lock().unwrap_or_else(PoisonError::into_inner);
        let others = all.iter().filter(|((collection, _), _)| *collection != policy.0);
        let others = others.map(|(key, planned)| (key.clone(), planned.clone())).collect();
        all.insert(policy, planned);
        others
    }
}
