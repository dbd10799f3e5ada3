//! Which groups the policies of all collections include, as far as this session has planned them. Two onboarding
//! policies of different kinds that reach the same device conflict on it.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};

use crate::graph::{GroupId, PolicyCollection, PolicyId};

/// A policy of any collection.
pub(crate) type PolicyKey = (PolicyCollection, PolicyId);

/// The planned inclusions of one session.
#[derive(Debug, Default)]
pub(crate) struct Inclusions {
    planned: Mutex<HashMap<PolicyKey, PlannedInclusions>>,
}

/// The groups that a policy includes after the plan.
#[derive(Debug, Clone, Default)]
pub(crate) struct PlannedInclusions {
    pub(crate) groups: BTreeSet<GroupId>,
    /// Whether the plan changes the targets of the policy.
    pub(crate) changes: bool,
}

impl Inclusions {
    /// Records what a plan does with a policy. Returns what earlier plans do with policies of other collections.
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
